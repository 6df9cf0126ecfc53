// An error as a person reads it: name, message, what is known to be the cause and the remedy, the stack with the user's own
// frames in full strength. What cannot be taken apart is shown as it was stored.

import { ChevronDown, ChevronRight, Lightbulb } from 'lucide-react'
import { useState } from 'react'
import { ApiError, PAYLOAD_BYTES, usePayload } from '../../api/index.ts'
import { Button, CodeBlock, CopyButton, cx, ErrorView, JsonView, Notice, Skeleton, useIsSlow } from '../../ui/index.ts'
import { type ErrorFacts, hintOf, readError } from './error-hints.ts'
import { messages } from './messages.ts'
import { type Folded, type Frame, readStack } from './stack-frames.ts'

const t = messages.error

export interface ErrorPanelProps {
  readonly runId: string
  /** `error` of the run, `span/<id>/output` of a step. */
  readonly part: string
  /** Beside the name: which attempt, in which step. */
  readonly where?: React.ReactNode
  /** How long the attempt took, milliseconds. */
  readonly tookMs?: number | undefined
  readonly empty: string
}

export function ErrorPanel({ runId, part, where, tookMs, empty }: ErrorPanelProps) {
  const query = usePayload({ of: 'runs', id: runId, part, bytes: PAYLOAD_BYTES })
  const isSlow = useIsSlow(query.isPending)
  const { data, error } = query
  if (data === undefined) {
    if (error instanceof ApiError && error.code === 'payload_not_found')
      return <p className="px-1 py-2 text-muted">{empty}</p>
    if (error !== null) return <ErrorView error={error} onRetry={() => void query.refetch()} />
    return isSlow ? <Skeleton className="h-40 w-full" /> : <div className="h-40" />
  }
  const facts = readError(data.text)
  if (facts === undefined) {
    return (
      <div className="flex flex-col gap-2">
        <Notice>{data.until < data.totalBytes ? t.cut : t.unreadable}</Notice>
        <JsonView text={data.text} label={t.raw} fileName={`${runId}-error.json.txt`} />
      </div>
    )
  }
  return <ErrorDetails facts={facts} raw={data.text} where={where} tookMs={tookMs} />
}

/** Of an answer that was no JSON this much is shown. */
const BODY_CHARS = 4096

interface DetailsProps {
  readonly facts: ErrorFacts
  readonly raw: string
  readonly where: React.ReactNode
  readonly tookMs: number | undefined
}

function ErrorDetails({ facts, raw, where, tookMs }: DetailsProps) {
  const [isRaw, setIsRaw] = useState(false)
  const hint = hintOf({ ...facts, tookMs })
  return (
    <div className="flex flex-col gap-3">
      <div className="rounded-md border border-failed-solid/40 bg-failed-bg px-3 py-2.5">
        <div className="flex items-start gap-2">
          <p className="min-w-0 flex-1 text-xs">
            <span className="mono font-medium text-failed-fg">{facts.name ?? 'Error'}</span>
            {where !== undefined && <span className="text-muted"> · {where}</span>}
          </p>
          <CopyButton text={copied(facts)} label={t.copy} />
        </div>
        <p className="whitespace-pre-wrap break-words font-medium text-base">{facts.message ?? t.noMessage}</p>
        {facts.status !== undefined && <p className="mt-1 text-muted">{t.status(facts.status)}</p>}
      </div>
      {hint !== undefined && (
        <div className="flex items-start gap-2.5 rounded-md border border-border bg-paused-bg px-3 py-2">
          <Lightbulb size={15} aria-hidden className="mt-0.5 shrink-0 text-paused-fg" />
          <div className="min-w-0">
            <p>{hint.cause}</p>
            <p className="font-medium">{hint.remedy}</p>
          </div>
        </div>
      )}
      {facts.body !== undefined && (
        <section>
          <h3 className="mb-1 font-medium text-xs">{t.body}</h3>
          <CodeBlock code={facts.body.slice(0, BODY_CHARS)} label={t.body} />
        </section>
      )}
      {facts.stack !== undefined && <Stack stack={facts.stack} message={facts.message ?? ''} />}
      {facts.cause !== undefined && <Cause facts={facts.cause} />}
      <div>
        <Button
          size="sm"
          look="quiet"
          icon={isRaw ? ChevronDown : ChevronRight}
          aria-expanded={isRaw}
          onClick={() => setIsRaw(!isRaw)}
        >
          {t.raw}
        </Button>
        {isRaw && <JsonView text={raw} label={t.raw} className="mt-1" />}
      </div>
    </div>
  )
}

function copied(facts: ErrorFacts): string {
  const head = `${facts.name ?? 'Error'}: ${facts.message ?? ''}`
  return facts.stack === undefined
    ? head
    : facts.stack.includes(facts.message ?? '\u0000')
      ? facts.stack
      : `${head}\n${facts.stack}`
}

function Cause({ facts }: { readonly facts: ErrorFacts }) {
  return (
    <section className="border-border border-l-2 pl-3">
      <h3 className="font-medium text-muted text-xs">{t.cause}</h3>
      <p className="break-words">
        <span className="mono text-failed-fg">{facts.name ?? 'Error'}</span> {facts.message}
      </p>
      {facts.stack !== undefined && <Stack stack={facts.stack} message={facts.message ?? ''} />}
      {facts.cause !== undefined && <Cause facts={facts.cause} />}
    </section>
  )
}

function Stack({ stack, message }: { readonly stack: string; readonly message: string }) {
  const parts = readStack(stack, message)
  if (parts.length === 0) return null
  return (
    <section>
      <h3 className="mb-1 font-medium text-xs">{t.stack}</h3>
      <ol className="mono overflow-x-auto rounded-md border border-border bg-sunken py-1.5 text-xs leading-5">
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the frames of a stack do not move.
          <li key={index}>{'folded' in part ? <Others part={part} /> : <FrameLine frame={part} />}</li>
        ))}
      </ol>
    </section>
  )
}

function FrameLine({ frame }: { readonly frame: Frame }) {
  return (
    <p className={cx('whitespace-pre px-3', frame.isOwn ? 'font-medium text-text' : 'text-muted')} title={frame.text}>
      {frame.place === undefined ? (
        (frame.name ?? frame.text)
      ) : (
        <>
          {frame.name !== undefined && <span>{`${frame.name} `}</span>}
          <span className={frame.isOwn ? 'text-accent-text' : ''}>{frame.place}</span>
        </>
      )}
    </p>
  )
}

function Others({ part }: { readonly part: Folded }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="inline-flex min-h-6 items-center gap-1 px-2 font-sans text-muted hover:text-text"
      >
        {isOpen ? <ChevronDown size={12} aria-hidden /> : <ChevronRight size={12} aria-hidden />}
        {t.folded(part.folded.length)}
      </button>
      {/* biome-ignore lint/suspicious/noArrayIndexKey: the frames of a stack do not move. */}
      {isOpen && part.folded.map((frame, index) => <FrameLine key={index} frame={frame} />)}
    </>
  )
}
