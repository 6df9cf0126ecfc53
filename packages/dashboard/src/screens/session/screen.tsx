// The page of a Session: how it stands, the questions that wait for a person, answerable in place, and its log.

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Ban, SearchX } from 'lucide-react'
import { useState } from 'react'
import { ApiError, type Session, useCancelSession, useRequests, useSession } from '../../api/index.ts'
import { JobLink, Page, RunLink } from '../../frame/index.ts'
import {
  Button,
  buttonClass,
  Confirm,
  Empty,
  ErrorView,
  Facts,
  JsonView,
  Loaded,
  Num,
  Panel,
  Skeleton,
  Time,
  toast,
  useCommands,
} from '../../ui/index.ts'
import { RequestPanel } from '../request/request-panel.tsx'
import { messages } from './messages.ts'
import { SessionLog } from './session-log.tsx'
import { SessionState } from './session-status.tsx'

export function Screen() {
  const { sessionId } = useParams({ from: '/sessions/$sessionId' })
  const session = useSession(sessionId)
  const { data, error } = session
  const isAbsent = error instanceof ApiError && (error.status === 404 || error.status === 400)
  const title = data?.title ?? data?.key
  return (
    <Page
      title={title ?? messages.title}
      trail={[
        <Link key="sessions" to="/sessions" className="quiet-link">
          {messages.sessions}
        </Link>,
      ]}
      actions={data !== undefined && <Cancel session={data} />}
    >
      {isAbsent && data === undefined ? (
        <Empty
          icon={SearchX}
          title={messages.absent}
          action={
            <Link to="/sessions" className={buttonClass()}>
              {messages.toSessions}
            </Link>
          }
        >
          <p className="mono mb-1 break-all">{sessionId}</p>
          {messages.absentText}
        </Empty>
      ) : (
        <Loaded query={session} errorTitle={messages.notRead} skeleton={<SessionSkeleton />}>
          {(shown) => <SessionView key={shown.id} session={shown} />}
        </Loaded>
      )}
    </Page>
  )
}

function SessionView({ session }: { readonly session: Session }) {
  const search = useSearch({ from: '/sessions/$sessionId' })
  const navigate = useNavigate({ from: '/sessions/$sessionId' })
  return (
    <>
      <Head session={session} />
      {session.pendingRequests > 0 && <Questions session={session} />}
      <div className="grid grid-cols-1 items-start gap-4 min-[1000px]:grid-cols-[minmax(0,1fr)_minmax(0,22rem)]">
        <SessionLog
          session={session}
          types={search.type ?? []}
          onTypes={(type) =>
            void navigate({ search: type.length === 0 ? {} : { type }, replace: true, resetScroll: false })
          }
        />
        <Values session={session} />
      </div>
    </>
  )
}

function Head({ session }: { readonly session: Session }) {
  const { agent, key, createdAt, updatedAt, endedAt, itemCount, jobId, jobRunId, runId } = session
  return (
    <Facts
      isInline
      facts={[
        { label: messages.state, value: <SessionState session={session} look="badge" /> },
        agent !== undefined && { label: messages.agent, value: <bdi>{agent}</bdi> },
        { label: messages.key, value: <bdi className="mono break-all">{key}</bdi> },
        { label: messages.items, value: <Num value={itemCount} /> },
        { label: messages.started, value: <Time at={createdAt} /> },
        endedAt === undefined
          ? { label: messages.updated, value: <Time at={updatedAt} /> }
          : { label: messages.ended, value: <Time at={endedAt} /> },
        jobId !== undefined && {
          label: messages.job,
          value: (
            <JobLink id={jobId} runId={jobRunId} className="link">
              {messages.openJob}
            </JobLink>
          ),
        },
        runId !== undefined && { label: messages.run, value: <RunLink id={runId} className="link" /> },
      ]}
    />
  )
}

/** Answered where they stand. One that somebody else decides meanwhile shows it, and goes with the next read. */
function Questions({ session: { id, pendingRequests } }: { readonly session: Session }) {
  const { rows, error, refetch } = useRequests({ status: ['pending'], sessionId: id })
  return (
    <Panel title={messages.pending(pendingRequests)}>
      {error !== null && <ErrorView error={error} title={messages.pendingFailed} onRetry={refetch} />}
      <div className="flex max-w-200 flex-col gap-6">
        {rows.map((request) => (
          <div key={request.id} className="flex flex-col gap-2 border-border border-b pb-5 last:border-b-0 last:pb-0">
            <RequestPanel request={request} isAlone={rows.length === 1} />
            <p>
              <Link to="/requests/$requestId" params={{ requestId: request.id }} className="link text-xs">
                {messages.openRequest}
              </Link>
            </p>
          </div>
        ))}
      </div>
    </Panel>
  )
}

function Values({ session: { metadata, result, error } }: { readonly session: Session }) {
  const values = [
    { label: messages.error, value: error },
    { label: messages.result, value: result },
    { label: messages.metadata, value: metadata },
  ].filter(({ value }) => value !== undefined && value !== null)
  if (values.length === 0) return null
  return (
    <div className="flex min-w-0 flex-col gap-4 max-[999px]:order-first">
      {values.map(({ label, value }) => (
        <Panel key={label} title={label}>
          {typeof value === 'string' ? (
            <p className="whitespace-pre-wrap break-words">{value}</p>
          ) : (
            <JsonView label={label} text={JSON.stringify(value)} maxHeight={280} />
          )}
        </Panel>
      ))}
    </div>
  )
}

function Cancel({ session: { id, status, title, key } }: { readonly session: Session }) {
  const [isAsking, setIsAsking] = useState(false)
  const cancel = useCancelSession({
    meta: { isShown: true },
    onSuccess: () => {
      setIsAsking(false)
      toast.success(messages.cancelled, { detail: title ?? key })
    },
  })
  const isOpen = status === 'running' || status === 'waiting'
  const reason = isOpen ? undefined : messages.ended_
  useCommands([{ label: messages.cancel, keys: 'c', reason, run: () => setIsAsking(true) }])
  return (
    <>
      <Button look="danger" icon={Ban} keys="c" reason={reason} onClick={() => setIsAsking(true)}>
        {messages.cancel}
      </Button>
      {isAsking && (
        <Confirm
          title={messages.cancelTitle}
          action={messages.cancel}
          isBusy={cancel.isPending}
          error={cancel.error}
          onClose={() => setIsAsking(false)}
          onConfirm={() => cancel.mutate({ sessionId: id })}
        >
          <p className="font-medium">{title ?? key}</p>
          <p>{messages.cancelText}</p>
        </Confirm>
      )}
    </>
  )
}

function SessionSkeleton() {
  return (
    <div className="flex flex-col gap-4" aria-hidden>
      <Skeleton className="h-10 w-full" />
      <Skeleton className="h-64 w-full" />
    </div>
  )
}
