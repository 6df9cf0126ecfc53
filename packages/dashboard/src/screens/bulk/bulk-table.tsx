// The list of operations, the newest first, each with its bar. It is read again when the stream names one, so that the bars
// move by themselves.

import type { Bulk, List } from '../../api/index.ts'
import { Button, type Column, DataTable, Num, Percent, Status, Time } from '../../ui/index.ts'
import { BulkActions } from './bulk-actions.tsx'
import { progressOf, STATE_LOOK, titleOf } from './bulk-state.ts'
import { messages } from './messages.ts'
import { ProgressBar } from './progress-bar.tsx'

const t = messages.columns

/** The state of an operation with its word. */
export function BulkState({ bulk }: { readonly bulk: Bulk }) {
  return <Status kind={STATE_LOOK[bulk.state]} word={messages.states[bulk.state]} />
}

/** How much of it was looked at; nothing where nobody knows how much there is. */
function Share({ bulk }: { readonly bulk: Bulk }) {
  const { done, skipped, failed, isOpen, left } = progressOf(bulk)
  return isOpen && left === undefined ? null : <Percent share={Math.min(1, done + skipped + failed)} />
}

function Failures({ bulk }: { readonly bulk: Bulk }) {
  return (
    <span className={bulk.failedCount > 0 ? 'font-medium text-failed-fg' : ''} title={bulk.lastError}>
      <Num value={bulk.failedCount} />
    </span>
  )
}

export interface BulkTableProps {
  readonly list: List<Bulk>
  readonly activeId: string | undefined
  readonly onOpen: (id: string) => void
}

export function BulkTable({ list, activeId, onOpen }: BulkTableProps) {
  const columns: readonly Column<Bulk>[] = [
    {
      id: 'operation',
      header: t.operation,
      width: 200,
      isWide: true,
      isRowHeader: true,
      cell: (bulk) => (
        <button
          type="button"
          onClick={() => onOpen(bulk.id)}
          className="quiet-link block max-w-full truncate font-medium"
        >
          <bdi>{titleOf(bulk)}</bdi>
        </button>
      ),
    },
    { id: 'state', header: t.state, width: 96, cell: (bulk) => <BulkState bulk={bulk} /> },
    {
      id: 'progress',
      header: t.progress,
      width: 190,
      cell: (bulk) => (
        <span className="flex items-center gap-2">
          <ProgressBar bulk={bulk} />
          <span className="w-11 shrink-0 text-right">
            <Share bulk={bulk} />
          </span>
        </span>
      ),
    },
    { id: 'done', header: t.done, width: 84, align: 'end', drop: 2, cell: (bulk) => <Num value={bulk.doneCount} /> },
    {
      id: 'skipped',
      header: t.skipped,
      width: 76,
      align: 'end',
      drop: 3,
      cell: (bulk) => <Num value={bulk.skippedCount} />,
    },
    { id: 'failed', header: t.failed, width: 72, align: 'end', drop: 1, cell: (bulk) => <Failures bulk={bulk} /> },
    { id: 'createdAt', header: t.createdAt, width: 116, drop: 4, cell: (bulk) => <Time at={bulk.createdAt} /> },
    { id: 'actions', header: t.actions, width: 84, align: 'end', cell: (bulk) => <BulkActions bulk={bulk} isSmall /> },
  ]
  const { rows, hasMore, isLoadingMore, loadMore } = list
  return (
    <DataTable
      label={messages.list}
      columns={columns}
      rows={rows}
      rowId={(bulk) => bulk.id}
      isDense={false}
      activeId={activeId}
      onActive={(bulk) => onOpen(bulk.id)}
      narrow={(bulk) => (
        <div className="flex items-center gap-3">
          <div className="min-w-0 flex-1">
            <button
              type="button"
              onClick={() => onOpen(bulk.id)}
              className="quiet-link block max-w-full truncate text-left font-medium text-sm"
            >
              <bdi>{titleOf(bulk)}</bdi>
            </button>
            <span className="flex items-center gap-2">
              <BulkState bulk={bulk} />
              <ProgressBar bulk={bulk} />
              <Share bulk={bulk} />
              {bulk.failedCount > 0 && (
                <span className="whitespace-nowrap">
                  <Failures bulk={bulk} /> {t.failed.toLowerCase()}
                </span>
              )}
            </span>
          </div>
          <BulkActions bulk={bulk} isSmall />
        </div>
      )}
      more={{ hasMore, isLoading: isLoadingMore, load: loadMore }}
    />
  )
}

/** The button of an empty list. */
export function NewButton({ onClick }: { readonly onClick: () => void }) {
  return (
    <Button look="primary" onClick={onClick}>
      {messages.new}
    </Button>
  )
}
