// Requests as a table: pending ones with the time that is left, decided ones with who decided.

import { Link } from '@tanstack/react-router'
import type { Request } from '../../api/index.ts'
import { RunLink, SessionLink } from '../../frame/index.ts'
import { type Column, DataTable, Status, Time } from '../../ui/index.ts'
import { Countdown } from '../request/countdown.tsx'
import { messages as requestMessages } from '../request/messages.ts'
import { kindOfRequest, previewOf } from '../request/request-state.ts'
import { messages } from './messages.ts'

const t = messages.columns

export interface RequestTableProps {
  readonly requests: readonly Request[]
  readonly isDecided: boolean
  readonly activeId: string | undefined
  readonly onActive: (id: string) => void
  readonly onOpen: (request: Request, how: { readonly isNewTab: boolean }) => void
  readonly more: { readonly hasMore: boolean; readonly isLoading: boolean; readonly load: () => void }
}

export function RequestTable({ requests, isDecided, activeId, onActive, onOpen, more }: RequestTableProps) {
  return (
    <DataTable
      label={messages.list}
      columns={isDecided ? decided : pending}
      rows={requests}
      rowId={(request) => request.id}
      isDense={false}
      activeId={activeId}
      onActive={(request) => onActive(request.id)}
      opensOnClick
      onOpen={onOpen}
      more={more}
      narrow={(request) => (
        <>
          <div className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate text-sm">
              <Asked request={request} />
            </span>
            <TimeLeft request={request} />
          </div>
          <div className="truncate text-muted">
            <From request={request} />
          </div>
        </>
      )}
    />
  )
}

interface CellProps {
  readonly request: Request
}

function Asked({ request: { id, prompt, kind } }: CellProps) {
  return (
    <Link to="/requests/$requestId" params={{ requestId: id }} className="quiet-link font-medium" title={prompt}>
      {kind !== 'approval' && <span className="mr-2 text-muted">{requestMessages.kinds[kind]}</span>}
      {prompt}
    </Link>
  )
}

function From({ request: { session, sessionId } }: CellProps) {
  const { title, agent, runId } = session ?? {}
  return (
    <>
      <SessionLink id={sessionId}>
        <bdi>{title ?? agent ?? messages.noTitle}</bdi>
      </SessionLink>
      {title !== undefined && agent !== undefined && <bdi className="ml-2 text-muted">{agent}</bdi>}
      {runId !== undefined && (
        <RunLink id={runId} className="quiet-link ml-2 text-muted">
          {messages.runOf}
        </RunLink>
      )}
    </>
  )
}

function TimeLeft({ request }: CellProps) {
  if (request.status === 'pending') return <Countdown request={request} />
  return <Status kind={kindOfRequest(request.status)} word={requestMessages.decided[request.status]} />
}

const asked: Column<Request> = {
  id: 'asked',
  header: t.asked,
  width: 240,
  isWide: true,
  isRowHeader: true,
  cell: (request) => <Asked request={request} />,
}
const from: Column<Request> = {
  id: 'from',
  header: t.from,
  width: 220,
  drop: 2,
  cell: (request) => <From request={request} />,
}
const given: Column<Request> = {
  id: 'arguments',
  header: t.arguments,
  width: 180,
  isWide: true,
  drop: 3,
  cell: (request) => <span className="mono text-muted">{previewOf(request.arguments)}</span>,
}

const pending: readonly Column<Request>[] = [
  asked,
  given,
  from,
  { id: 'age', header: t.age, width: 92, drop: 1, cell: ({ createdAt }) => <Time at={createdAt} /> },
  { id: 'left', header: t.left, width: 140, cell: (request) => <TimeLeft request={request} /> },
]

const decided: readonly Column<Request>[] = [
  asked,
  from,
  { id: 'status', header: t.status, width: 116, cell: (request) => <TimeLeft request={request} /> },
  { id: 'by', header: t.by, width: 150, drop: 3, cell: ({ respondedBy }) => <bdi>{respondedBy}</bdi> },
  { id: 'when', header: t.when, width: 110, drop: 1, cell: ({ resolvedAt }) => <Time at={resolvedAt} /> },
]
