// Links to the things that have pages, so that every screen writes them alike. Each is a real link: it can be opened in a
// new tab, copied, and is named by what it leads to.

import { Link } from '@tanstack/react-router'
import { Id } from '../ui/index.ts'

interface LinkLook {
  readonly className?: string
  readonly children?: React.ReactNode
}

/** A run; without children its id. */
export function RunLink({ id, className = 'quiet-link', children }: LinkLook & { readonly id: string }) {
  const link = (content: React.ReactNode) => (
    <Link to="/runs/$runId" params={{ runId: id }} className={className}>
      {content}
    </Link>
  )
  return children === undefined ? <Id id={id} link={link} /> : link(children)
}

/** An event; without children its id. */
export function EventLink({ id, className = 'quiet-link', children }: LinkLook & { readonly id: string }) {
  const link = (content: React.ReactNode) => (
    <Link to="/events/$eventId" params={{ eventId: id }} className={className}>
      {content}
    </Link>
  )
  return children === undefined ? <Id id={id} link={link} /> : link(children)
}

export interface FunctionLinkProps extends LinkLook {
  readonly appId: string
  /** Without the app: `import`, not `app-import`. */
  readonly functionId: string
  readonly name?: string
}

/** A function; without children its name. */
export function FunctionLink({ appId, functionId, name, className = 'quiet-link', children }: FunctionLinkProps) {
  return (
    <Link to="/functions/$appId/$functionId" params={{ appId, functionId }} className={className}>
      {children ?? <bdi>{name ?? functionId}</bdi>}
    </Link>
  )
}

/** An app; without children its name. */
export function AppLink({ appId, className = 'quiet-link', children }: LinkLook & { readonly appId: string }) {
  return (
    <Link to="/apps/$appId" params={{ appId }} className={className}>
      {children ?? <bdi>{appId}</bdi>}
    </Link>
  )
}

/** A Session; without children its id. */
export function SessionLink({ id, className = 'quiet-link', children }: LinkLook & { readonly id: string }) {
  const link = (content: React.ReactNode) => (
    <Link to="/sessions/$sessionId" params={{ sessionId: id }} className={className}>
      {content}
    </Link>
  )
  return children === undefined ? <Id id={id} link={link} /> : link(children)
}

export interface JobLinkProps extends LinkLook {
  readonly id: string
  /** One of its runs, open beside its page. */
  readonly runId?: string | undefined
  readonly children: React.ReactNode
}

/** An HTTP Job, or one of its runs. */
export function JobLink({ id, runId, className = 'quiet-link', children }: JobLinkProps) {
  return (
    <Link
      to="/jobs/$jobId"
      params={{ jobId: id }}
      search={runId === undefined ? {} : { run: runId }}
      className={className}
    >
      {children}
    </Link>
  )
}
