// What a view shows when it has no data to show, or not the newest: nothing yet, empty, failed, stale. A failure is never
// shown as an empty list, and data that is there is never taken away for one.

import { CircleAlert, CircleCheck, Info, type LucideIcon, RotateCw, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ApiError } from '../api/client.ts'
import { Button } from './button.tsx'
import { cx } from './class-names.ts'
import { CodeBlock } from './copy.tsx'
import { messages } from './messages.ts'
import { Time } from './values.tsx'

/** False for the first 150 ms: what loads faster shows nothing in between. */
export function useIsSlow(isPending: boolean): boolean {
  const [isSlow, setIsSlow] = useState(false)
  useEffect(() => {
    if (!isPending) return setIsSlow(false)
    const timer = setTimeout(() => setIsSlow(true), 150)
    return () => clearTimeout(timer)
  }, [isPending])
  return isSlow && isPending
}

/** A grey bar in the place of what is coming; give it the size of the real thing. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <div aria-hidden className={cx('skeleton', className ?? 'h-4 w-full')} />
}

/** Rows of a table that is coming, at the height of real ones. */
export function SkeletonRows({ count = 8, height = 32 }: { readonly count?: number; readonly height?: number }) {
  return (
    <div role="status" aria-label={messages.loading}>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity.
        <div key={index} className="flex items-center gap-6 border-border border-b px-3" style={{ height }}>
          <Skeleton className="h-3 w-20" />
          <Skeleton className="h-3 w-48" />
          <Skeleton className="h-3 flex-1" />
          <Skeleton className="h-3 w-16" />
        </div>
      ))}
    </div>
  )
}

/** A thin bar at the top of a positioned element while its data is read again. */
export function RefreshBar({ isActive }: { readonly isActive: boolean }) {
  const isSlow = useIsSlow(isActive)
  return isSlow ? <div className="pending-bar" role="progressbar" aria-label={messages.refreshing} /> : null
}

export interface EmptyProps {
  readonly title: string
  readonly children?: React.ReactNode
  readonly icon?: LucideIcon
  /** The few lines that would fill this view. */
  readonly code?: string
  readonly action?: React.ReactNode
}

/** An empty view that teaches: one sentence, the code or command, a button. */
export function Empty({ title, children, icon: Icon, code, action }: EmptyProps) {
  return (
    <div className="mx-auto flex w-full max-w-140 flex-col items-center gap-2 px-4 py-14 text-center">
      {Icon && (
        <span className="mb-1 inline-flex size-10 items-center justify-center rounded-lg border border-border bg-raised text-muted">
          <Icon size={18} aria-hidden />
        </span>
      )}
      <p className="font-medium text-base">{title}</p>
      {children && <div className="text-muted">{children}</div>}
      {code !== undefined && (
        <div className="mt-2 w-full text-left">
          <CodeBlock code={code} />
        </div>
      )}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}

export interface ErrorViewProps {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
  /** When the data that is shown below was read; absent: there is none. */
  readonly shownAt?: number | undefined
  /** What could not be done, such as "Runs could not be read."; before the error's own words. */
  readonly title?: string
  /** Cause and remedy, where the screen knows them. */
  readonly children?: React.ReactNode
}

/** What failed in words, its code and request id, and a way to try again. */
export function ErrorView({ error, onRetry, shownAt, title, children }: ErrorViewProps) {
  const text = error instanceof Error ? error.message : String(error)
  const fault = error instanceof ApiError ? error : undefined
  return (
    <div role="alert" className="flex items-start gap-2.5 rounded-md border border-border bg-failed-bg px-3 py-2.5">
      <CircleAlert size={16} aria-hidden className="mt-0.5 shrink-0 text-failed-fg" />
      <div className="min-w-0 flex-1">
        <p className="break-words font-medium">{title === undefined ? text : `${title} ${text}`}</p>
        {fault?.hint && <p className="break-words">{fault.hint}</p>}
        {children}
        <p className="mono mt-0.5 break-all text-muted text-xs">
          {[fault && messages.code(fault.code), fault?.requestId && messages.requestId(fault.requestId)]
            .filter(Boolean)
            .join(' · ')}
        </p>
        {shownAt !== undefined && shownAt > 0 && (
          <p className="text-muted text-xs">
            <Stale at={shownAt} />
          </p>
        )}
      </div>
      {onRetry && (
        <Button icon={RotateCw} onClick={onRetry}>
          {messages.tryAgain}
        </Button>
      )}
    </div>
  )
}

function Stale({ at }: { readonly at: number }) {
  const [before = '', after = ''] = messages.shownSince('\u0000').split('\u0000')
  return (
    <>
      {before}
      <Time at={at} />
      {after}
    </>
  )
}

const tones = {
  info: { icon: Info, className: 'bg-waiting-bg', iconClass: 'text-waiting-fg' },
  good: { icon: CircleCheck, className: 'bg-completed-bg', iconClass: 'text-completed-fg' },
  warn: { icon: TriangleAlert, className: 'bg-paused-bg', iconClass: 'text-paused-fg' },
  bad: { icon: CircleAlert, className: 'bg-failed-bg', iconClass: 'text-failed-fg' },
} as const

export interface NoticeProps {
  readonly tone?: keyof typeof tones
  readonly children: React.ReactNode
  readonly action?: React.ReactNode
}

/** A sentence that belongs to the view it stands in. */
export function Notice({ tone = 'info', children, action }: NoticeProps) {
  const { icon: Icon, className, iconClass } = tones[tone]
  return (
    <div className={cx('flex items-start gap-2.5 rounded-md px-3 py-2', className)}>
      <Icon size={15} aria-hidden className={cx('mt-0.5 shrink-0', iconClass)} />
      <div className="min-w-0 flex-1 break-words">{children}</div>
      {action}
    </div>
  )
}

export interface LoadedProps<T> {
  readonly query: {
    readonly data: T | undefined
    readonly error: Error | null
    readonly isPending: boolean
    readonly isFetching: boolean
    readonly dataUpdatedAt: number
    readonly refetch: () => unknown
  }
  readonly skeleton?: React.ReactNode
  /** What could not be read, for the error. */
  readonly errorTitle?: string
  readonly children: (data: T) => React.ReactNode
}

/** The states of a read in one place: skeleton, error with a retry, older data below an error, data. */
export function Loaded<T>({ query, skeleton, errorTitle, children }: LoadedProps<T>) {
  const isSlow = useIsSlow(query.isPending)
  const retry = () => void query.refetch()
  const title = errorTitle === undefined ? {} : { title: errorTitle }
  if (query.data === undefined) {
    if (query.error !== null) return <ErrorView error={query.error} onRetry={retry} {...title} />
    return isSlow ? (skeleton ?? <SkeletonRows />) : null
  }
  return (
    <>
      {query.error !== null && (
        <div className="mb-2">
          <ErrorView error={query.error} onRetry={retry} shownAt={query.dataUpdatedAt} {...title} />
        </div>
      )}
      {children(query.data)}
    </>
  )
}
