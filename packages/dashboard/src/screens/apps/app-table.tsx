// The apps as a table: whether each can be reached stands first, with the plain cause.

import { useState } from 'react'
import type { App } from '../../api/index.ts'
import { AppLink } from '../../frame/index.ts'
import { type Column, DataTable, Num, Status, Time } from '../../ui/index.ts'
import { reachOf, sdkText } from './app-state.ts'
import { messages } from './messages.ts'

const t = messages.columns

/** Reachability in a word, since when, and why. */
export function ReachCell({ app }: { readonly app: App }) {
  const { kind, word, cause, since } = reachOf(app)
  return (
    <span title={cause} className="inline-flex max-w-full items-center gap-1.5 align-middle">
      <Status kind={kind} word={word} />
      {app.isPaused && <Status kind="paused" word={messages.reach.paused} />}
      {since !== undefined && (
        <span className="text-muted">
          {messages.since} <Time at={since} />
        </span>
      )}
      {cause !== undefined && <span className="truncate text-muted">{cause}</span>}
    </span>
  )
}

/** How the last sync went, and when one last worked. */
export function SyncCell({ app: { latestSync } }: { readonly app: App }) {
  const status = latestSync?.status ?? 'pending'
  const at = latestSync?.syncedAt
  return (
    <>
      <span className={status === 'error' ? 'text-failed-fg' : ''}>{messages.syncs[status]}</span>
      {at !== undefined && (
        <>
          {status === 'error' ? messages.lastGood : ' '}
          <Time at={at} />
        </>
      )}
    </>
  )
}

export interface AppTableProps {
  readonly apps: readonly App[]
  readonly onOpen: (app: App, how: { readonly isNewTab: boolean }) => void
}

export function AppTable({ apps, onOpen }: AppTableProps) {
  const [activeId, setActiveId] = useState<string>()
  const columns: readonly Column<App>[] = [
    {
      id: 'name',
      header: t.name,
      width: 150,
      isRowHeader: true,
      cell: ({ id }) => <AppLink appId={id} className="quiet-link font-medium" />,
    },
    { id: 'reach', header: t.reach, width: 170, isWide: true, cell: (app) => <ReachCell app={app} /> },
    {
      id: 'url',
      header: t.url,
      width: 204,
      drop: 2,
      cell: ({ latestSync }) => <bdi title={latestSync?.url}>{latestSync?.url}</bdi>,
    },
    { id: 'framework', header: t.framework, width: 92, drop: 4, cell: ({ latestSync }) => latestSync?.framework },
    { id: 'sdk', header: t.sdk, width: 128, drop: 3, cell: ({ latestSync }) => sdkText(latestSync) },
    {
      id: 'functions',
      header: t.functions,
      width: 84,
      align: 'end',
      drop: 1,
      cell: ({ functionCount = 0 }) => <Num value={functionCount} />,
    },
    { id: 'sync', header: t.sync, width: 164, drop: 1, cell: (app) => <SyncCell app={app} /> },
  ]
  return (
    <DataTable
      label={messages.list}
      columns={columns}
      rows={apps}
      rowId={(app) => app.id}
      isDense={false}
      activeId={activeId}
      onActive={(app) => setActiveId(app.id)}
      onOpen={onOpen}
      narrow={(app) => (
        <>
          <div className="flex gap-2">
            <span className="min-w-0 flex-1 truncate text-sm">
              <AppLink appId={app.id} className="quiet-link font-medium" />
            </span>
            <SyncCell app={app} />
          </div>
          <div className="truncate">
            <ReachCell app={app} />
          </div>
        </>
      )}
    />
  )
}
