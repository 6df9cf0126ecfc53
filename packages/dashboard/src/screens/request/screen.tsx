// The page of one question, suitable for a link in a mail or chat: what is asked in full, its form, and the items that led
// to it. With the token of a one-time link it shows the question only, and nobody needs to be signed in.

import { Link, useParams, useSearch } from '@tanstack/react-router'
import { ArrowRight, Link2Off, SearchX } from 'lucide-react'
import { ApiError, type ShownRequest, useRequest, useRequests } from '../../api/index.ts'
import { Page, RunLink, SessionLink } from '../../frame/index.ts'
import { buttonClass, Empty, Facts, Loaded, Panel, Skeleton } from '../../ui/index.ts'
import { ContextItems } from './context-items.tsx'
import { messages } from './messages.ts'
import { RequestPanel } from './request-panel.tsx'

export function Screen() {
  const { requestId } = useParams({ from: '/requests/$requestId' })
  const { token } = useSearch({ from: '/requests/$requestId' })
  const request = useRequest(requestId, token)
  const { error } = request
  const isAbsent = error instanceof ApiError && (error.status === 404 || error.status === 403 || error.status === 400)
  const name = request.data?.session?.title ?? request.data?.session?.agent
  return (
    <Page
      title={name === undefined ? messages.title : `${messages.title}: ${name}`}
      heading={messages.title}
      trail={[
        <Link key="approvals" to="/approvals" className="quiet-link">
          {messages.approvals}
        </Link>,
      ]}
    >
      {isAbsent && request.data === undefined ? (
        <Absent isLink={token !== undefined} id={requestId} />
      ) : (
        <Loaded query={request} errorTitle={messages.notRead} skeleton={<RequestSkeleton />}>
          {(data) => (token === undefined ? <Whole request={data} /> : <ByLink request={data} token={token} />)}
        </Loaded>
      )}
    </Page>
  )
}

function Whole({ request }: { readonly request: ShownRequest }) {
  const { session, sessionId, id } = request
  return (
    <div className="grid grid-cols-1 items-start gap-4 min-[1000px]:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Panel title={session?.title ?? session?.agent ?? messages.title}>
        <RequestPanel key={id} request={request} isAlone after={<Next id={id} />} />
      </Panel>
      <div className="flex min-w-0 flex-col gap-4">
        <Panel title={messages.session}>
          <Facts
            facts={[
              sessionId !== undefined && {
                label: messages.session,
                value: <SessionLink id={sessionId}>{session?.title ?? sessionId}</SessionLink>,
              },
              session?.agent !== undefined && { label: messages.agent, value: <bdi>{session.agent}</bdi> },
              session?.runId !== undefined && { label: messages.run, value: <RunLink id={session.runId} /> },
            ]}
          />
        </Panel>
        {sessionId !== undefined && <ContextItems sessionId={sessionId} requestId={id} />}
      </div>
    </div>
  )
}

/** On to what waits longest, without the way back to the list. */
function Next({ id }: { readonly id: string }) {
  const { rows } = useRequests({ status: ['pending'] })
  const next = rows.find((request) => request.id !== id && request.status === 'pending')
  if (next === undefined) return null
  return (
    <p>
      <Link to="/requests/$requestId" params={{ requestId: next.id }} className={buttonClass()}>
        {messages.next}
        <ArrowRight size={14} aria-hidden />
      </Link>
    </p>
  )
}

function ByLink({ request, token }: { readonly request: ShownRequest; readonly token: string }) {
  const { session } = request
  return (
    <div className="py-4">
      <h1 className="mb-3 font-semibold text-xl">{session?.title ?? session?.agent ?? messages.title}</h1>
      <Panel title={session?.agent ?? messages.title}>
        <RequestPanel
          key={request.id}
          request={request}
          token={token}
          isAlone
          after={<p className="text-muted">{messages.thanks}</p>}
        />
      </Panel>
    </div>
  )
}

function Absent({ isLink, id }: { readonly isLink: boolean; readonly id: string }) {
  if (isLink) {
    return (
      <Empty icon={Link2Off} title={messages.linkBad}>
        {messages.linkBadText}
      </Empty>
    )
  }
  return (
    <Empty
      icon={SearchX}
      title={messages.absent}
      action={
        <Link to="/approvals" className={buttonClass()}>
          {messages.toApprovals}
        </Link>
      }
    >
      <p className="mono mb-1 break-all">{id}</p>
      {messages.absentText}
    </Empty>
  )
}

function RequestSkeleton() {
  return (
    <div className="flex flex-col gap-4 rounded-lg border border-border bg-raised p-3" aria-hidden>
      <Skeleton className="h-4 w-40" />
      <Skeleton className="h-6 w-full" />
      <Skeleton className="h-40 w-full" />
      <Skeleton className="h-7 w-32" />
    </div>
  )
}
