// The sentence below the head of a run: why it does not move, or what it failed of. One look answers the question that
// brings most people to this page.

import { CircleAlert, Hourglass, type LucideIcon, Pause, Play, Plug } from 'lucide-react'
import { Fragment, useState } from 'react'
import { type RunAlone, usePayload, type WhyReason } from '../../api/index.ts'
import { RunLink } from '../../frame/index.ts'
import { Button, cx, Duration, Elapsed, Num, shortId, Time } from '../../ui/index.ts'
import { readError } from './error-hints.ts'
import { EventNameLink, SlugLink } from './links.tsx'
import { messages } from './messages.ts'
import { type Part, type Why, whySentence } from './why-sentence.ts'

const t = messages.why

/** Reasons that are shown before the rest is folded. */
const SHOWN = 1

export function WhyBanner({ run, retries }: { readonly run: RunAlone; readonly retries?: number | undefined }) {
  const [isAll, setIsAll] = useState(false)
  if (run.endedAt !== undefined || run.why === undefined) return null
  const reasons = reasonsOf(run.why)
  const moving = reasons.filter((reason) => reason.code === 'executing')
  const still = reasons.filter((reason) => reason.code !== 'executing')
  // A run that works moves: it needs no sentence, unless a branch of it stands still.
  const all = [...still, ...(still.length > 0 ? moving : [])]
  if (all.length === 0) return null
  const shown = isAll ? all : all.slice(0, SHOWN)
  const rest = all.length - shown.length
  return (
    <section aria-label={t.heading} className="flex flex-col gap-1">
      {shown.map((reason, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: branches have no other identity.
        <Sentence key={index} why={whySentence(reason, { retries })}>
          {index === shown.length - 1 && rest > 0 && (
            <Button size="sm" look="quiet" onClick={() => setIsAll(true)}>
              {t.also(rest)}
            </Button>
          )}
        </Sentence>
      ))}
    </section>
  )
}

/** The first that holds comes first; the list has one for each open branch, itself among them. */
function reasonsOf({ reason, reasons }: NonNullable<RunAlone['why']>): readonly WhyReason[] {
  if (reasons.length > 0) return reasons
  return reason === null || reason === undefined ? [] : [reason]
}

const tones: Readonly<
  Record<Why['tone'], { readonly icon: LucideIcon; readonly ground: string; readonly text: string }>
> = {
  moving: { icon: Play, ground: 'bg-running-bg', text: 'text-running-fg' },
  waiting: { icon: Hourglass, ground: 'bg-waiting-bg', text: 'text-waiting-fg' },
  paused: { icon: Pause, ground: 'bg-paused-bg', text: 'text-paused-fg' },
  bad: { icon: CircleAlert, ground: 'bg-failed-bg', text: 'text-failed-fg' },
}

function Sentence({ why, children }: { readonly why: Why; readonly children?: React.ReactNode }) {
  const { icon, ground, text } = tones[why.tone]
  const isUnreachable = why.parts.some((part) => typeof part === 'string' && part.startsWith(t.unreachable))
  const Icon = isUnreachable ? Plug : icon
  return (
    <div className={cx('flex items-start gap-2 rounded-md px-2.5 py-1.5', ground)}>
      <Icon size={14} aria-hidden className={cx('mt-[3px] shrink-0', text)} />
      <p className="min-w-0 flex-1 break-words">
        <Parts parts={why.parts} />
      </p>
      {children}
    </div>
  )
}

/** A sentence with its links and times. */
export function Parts({ parts }: { readonly parts: readonly Part[] }) {
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence stand where they stand.
    <Fragment key={index}>
      <OnePart part={part} />
    </Fragment>
  ))
}

function OnePart({ part }: { readonly part: Part }) {
  if (typeof part === 'string') return part
  if ('code' in part) return <code className="rounded-sm bg-bg/60 px-1">{part.code}</code>
  if ('run' in part) {
    return (
      <RunLink className="link mono" id={part.run}>
        {shortId(part.run)}
      </RunLink>
    )
  }
  if ('fn' in part) return <SlugLink slug={part.fn} />
  if ('event' in part) return <EventNameLink name={part.event} />
  if ('time' in part) return <Until at={part.time} />
  if ('since' in part) return <Elapsed since={part.since} />
  if ('ms' in part) return <Duration ms={part.ms} />
  return <Num value={part.number} />
}

/** The moment and how far off it is: "24 Nov, 14:03 (in 2 h)". */
function Until({ at }: { readonly at: string }) {
  const isFar = Math.abs(Date.parse(at) - Date.now()) > 86_400_000
  return (
    <>
      <Time at={at} look={isFar ? 'date' : 'clock'} />
      {!isFar && (
        <span className="text-muted">
          {' ('}
          <Time at={at} />)
        </span>
      )}
    </>
  )
}

/** What a run failed of in one line, for where its error is not open beside the steps. */
export function FailureLine({ runId, onShow }: { readonly runId: string; readonly onShow: () => void }) {
  const { data } = usePayload({ of: 'runs', id: runId, part: 'error' })
  const facts = data === undefined ? undefined : readError(data.text)
  if (facts === undefined) return null
  return (
    <div className="flex items-start gap-2 rounded-md bg-failed-bg px-2.5 py-1.5">
      <CircleAlert size={14} aria-hidden className="mt-[3px] shrink-0 text-failed-fg" />
      <p className="line-clamp-2 min-w-0 flex-1 break-words">
        {t.failed}
        {facts.name !== undefined && <code className="text-failed-fg">{`${facts.name}: `}</code>}
        {facts.message}
      </p>
      <Button size="sm" look="quiet" onClick={onShow}>
        {t.showError}
      </Button>
    </div>
  )
}
