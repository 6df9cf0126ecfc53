// The functions of the app, each leading to its page.

import { type App, type FnRow, useFunctions } from '../../api/index.ts'
import { FunctionLink } from '../../frame/index.ts'
import { type Column, DataTable, ErrorView, Num, Panel, SkeletonRows, Status, useIsSlow } from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.functions

const LOOK = { active: 'completed', paused: 'paused', removed: 'cancelled' } as const

function triggersOf({ triggers }: FnRow): string {
  return triggers === undefined || triggers.length === 0 ? t.invoked : triggers.map(({ value }) => value).join(', ')
}

const columns: readonly Column<FnRow>[] = [
  {
    id: 'name',
    header: t.name,
    width: 150,
    isWide: true,
    isRowHeader: true,
    cell: ({ id, name, app }) => (
      <FunctionLink appId={app.id} functionId={id} name={name} className="quiet-link font-medium" />
    ),
  },
  {
    id: 'triggers',
    header: t.triggers,
    width: 150,
    isWide: true,
    drop: 2,
    cell: (fn) => (
      <bdi title={triggersOf(fn)} className="text-muted">
        {triggersOf(fn)}
      </bdi>
    ),
  },
  {
    id: 'state',
    header: t.state,
    width: 90,
    drop: 1,
    cell: ({ state }) => <Status kind={LOOK[state]} word={t.states[state]} />,
  },
  {
    id: 'started',
    header: t.started,
    width: 100,
    align: 'end',
    drop: 3,
    cell: ({ stats }) => <Num value={stats.started} />,
  },
  {
    id: 'failed',
    header: t.failures,
    width: 72,
    align: 'end',
    cell: ({ stats }) => (
      <span className={stats.failed > 0 ? 'font-medium text-failed-fg' : ''}>
        <Num value={stats.failed} />
      </span>
    ),
  },
]

export function AppFunctions({ app }: { readonly app: App }) {
  // Those of an archived app are archived with it.
  const filter = { appId: app.id, ...(app.isArchived ? { includeArchived: true } : {}) }
  const { rows, isPending, error, refetch, updatedAt } = useFunctions(filter)
  const isSlow = useIsSlow(isPending)
  return (
    <Panel title={t.title} isFlush>
      {error !== null && (
        <div className="p-2">
          <ErrorView
            error={error}
            title={t.failed}
            onRetry={refetch}
            shownAt={rows.length > 0 ? updatedAt : undefined}
          />
        </div>
      )}
      {isSlow && <SkeletonRows count={4} />}
      {rows.length > 0 && (
        <div className="flex max-h-120 flex-col">
          <DataTable
            label={t.title}
            columns={columns}
            rows={rows}
            rowId={(fn) => fn.slug}
            hasKeys={false}
            isPlain={rows.length <= 14}
          />
        </div>
      )}
      {rows.length === 0 && !isPending && error === null && <p className="p-3 text-muted">{t.none}</p>}
    </Panel>
  )
}
