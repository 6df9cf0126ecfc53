// Sessions as a table. Narrow, a row keeps its title, its state and when it changed.

import type { Session } from '../../api/index.ts'
import { JobLink, RunLink, SessionLink } from '../../frame/index.ts'
import { type Column, DataTable, Num, Time } from '../../ui/index.ts'
import { SessionState } from '../session/session-status.tsx'
import { messages } from './messages.ts'

const t = messages.columns

export interface SessionTableProps {
  readonly sessions: readonly Session[]
  readonly activeId: string | undefined
  readonly onActive: (id: string) => void
  readonly onOpen: (session: Session, how: { readonly isNewTab: boolean }) => void
  readonly more: { readonly hasMore: boolean; readonly isLoading: boolean; readonly load: () => void }
}

export function SessionTable({ sessions, activeId, onActive, onOpen, more }: SessionTableProps) {
  return (
    <DataTable
      label={messages.list}
      columns={columns}
      rows={sessions}
      rowId={(session) => session.id}
      isDense={false}
      activeId={activeId}
      onActive={(session) => onActive(session.id)}
      opensOnClick
      onOpen={onOpen}
      more={more}
      narrow={(session) => (
        <>
          <div className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate text-sm">
              <Title session={session} />
            </span>
            <Time at={session.updatedAt} />
          </div>
          <div className="truncate">
            <SessionState session={session} />
          </div>
        </>
      )}
    />
  )
}

function Title({ session: { id, title, key } }: { readonly session: Session }) {
  return (
    <>
      <SessionLink id={id} className="quiet-link font-medium">
        <bdi>{title ?? key}</bdi>
      </SessionLink>
      {title !== undefined && <bdi className="mono ml-2 text-muted">{key}</bdi>}
    </>
  )
}

const columns: readonly Column<Session>[] = [
  {
    id: 'title',
    header: t.title,
    width: 200,
    isWide: true,
    isRowHeader: true,
    cell: (session) => <Title session={session} />,
  },
  {
    id: 'state',
    header: t.state,
    width: 200,
    cell: (session) => <SessionState session={session} />,
  },
  { id: 'agent', header: t.agent, width: 150, drop: 2, cell: ({ agent }) => <bdi>{agent}</bdi> },
  {
    id: 'from',
    header: t.from,
    width: 120,
    drop: 4,
    cell: ({ jobId, jobRunId, runId }) => (
      <span className="inline-flex gap-2">
        {jobId !== undefined && (
          <JobLink id={jobId} runId={jobRunId}>
            {messages.ofJob}
          </JobLink>
        )}
        {runId !== undefined && <RunLink id={runId}>{messages.ofRun}</RunLink>}
      </span>
    ),
  },
  {
    id: 'items',
    header: t.items,
    width: 70,
    align: 'end',
    drop: 3,
    cell: ({ itemCount }) => <Num value={itemCount} />,
  },
  { id: 'created', header: t.created, width: 100, drop: 5, cell: ({ createdAt }) => <Time at={createdAt} /> },
  { id: 'updated', header: t.updated, width: 100, drop: 1, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
]
