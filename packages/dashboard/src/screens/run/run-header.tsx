// The head of a run: what it is, how it stands, where its time went, what it belongs to.

import type { RunAlone } from '../../api/index.ts'
import { AppLink, EventLink, FunctionLink, RunLink } from '../../frame/index.ts'
import {
  Button,
  cx,
  Duration,
  Elapsed,
  formatDuration,
  Id,
  Num,
  Popover,
  Status,
  serverNow,
  statusOfRun,
  Time,
  useNow,
} from '../../ui/index.ts'
import { EventNameLink } from './links.tsx'
import { messages } from './messages.ts'

const t = messages.facts

export function RunHeader({
  run,
  actions,
  isPanel,
}: {
  readonly run: RunAlone
  readonly actions: React.ReactNode
  readonly isPanel: boolean
}) {
  const { function: fn, app } = run
  return (
    <header className="flex flex-col gap-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Status kind={statusShown(run)} look="badge" />
        {isPanel && (
          <h2 className="min-w-0 truncate font-semibold text-base">
            <FunctionLink appId={app.id} functionId={fn.id} name={fn.name} />
          </h2>
        )}
        <Id id={run.id} isFull={!isPanel} />
        <span className="text-muted">
          <AppLink appId={app.id} className="link" />
          {['', t.version(run.functionVersion), run.sdk].filter((part) => part !== undefined).join(' · ')}
        </span>
        <span className="flex-1" />
        <div className="flex flex-wrap items-center gap-1.5">{actions}</div>
      </div>
      <dl aria-label={t.label} className="flex flex-wrap items-start gap-x-6 gap-y-2">
        {!isPanel && (
          <Fact label={t.fn}>
            <FunctionLink appId={app.id} functionId={fn.id} name={fn.name} className="link" />
          </Fact>
        )}
        <Times run={run} />
        <Split run={run} />
        <Fact label={t.trigger}>
          <Trigger run={run} />
        </Fact>
        <Fact label={t.retries}>
          {run.retryCount === undefined || run.retryCount === 0 ? (
            <span className="text-muted">{t.noRetries}</span>
          ) : (
            <Num value={run.retryCount} />
          )}
        </Fact>
        <Relations run={run} />
      </dl>
      {run.skipReason !== undefined && <p className="text-muted">{t.skipped[run.skipReason]}</p>}
    </header>
  )
}

/** A single run is told with its reasons in full in place of the short one of the lists. */
export function statusShown(run: RunAlone) {
  const { status, waiting, why } = run
  const reason = why?.reasons.some(({ code }) => code === 'executing') ? undefined : why?.reason
  return statusOfRun({ status, waiting: waiting ?? reason ?? undefined })
}

export function Fact({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-2xs text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  )
}

/** Queued → started → ended. */
function Times({ run }: { readonly run: RunAlone }) {
  const steps = [
    { label: t.queued, at: run.queuedAt },
    { label: t.started, at: run.startedAt, none: run.endedAt === undefined ? t.notYet : t.never },
    { label: t.ended, at: run.endedAt, none: t.notYet },
  ]
  return steps.map(({ label, at, none }, index) => (
    <div
      key={label}
      className={cx(
        'min-w-0',
        index > 0 && 'relative before:absolute before:-left-4 before:bottom-0 before:text-muted before:content-["→"]',
      )}
    >
      <dt className="text-2xs text-muted">{label}</dt>
      <dd>{at === undefined ? <span className="text-muted">{none}</span> : <Time at={at} />}</dd>
    </div>
  ))
}

/** Where the time went: working against waiting. What goes on is counted on from what the server said. */
function Split({ run }: { readonly run: RunAlone }) {
  const isLive = run.endedAt === undefined
  return (
    <Fact label={t.duration}>
      <span className="flex items-center gap-2">
        {isLive ? (
          <Elapsed since={run.queuedAt} />
        ) : (
          <Duration ms={Date.parse(run.endedAt) - Date.parse(run.queuedAt)} />
        )}
        {isLive ? <LiveSplit run={run} /> : <SplitBar working={run.workingMs} waiting={run.waitingMs} />}
      </span>
    </Fact>
  )
}

function LiveSplit({ run }: { readonly run: RunAlone }) {
  useNow()
  const rest = Math.max(0, serverNow() - Date.parse(run.queuedAt) - run.workingMs - run.waitingMs)
  const isAtWork = statusShown(run) === 'running'
  return <SplitBar working={run.workingMs + (isAtWork ? rest : 0)} waiting={run.waitingMs + (isAtWork ? 0 : rest)} />
}

function SplitBar({ working, waiting }: { readonly working: number; readonly waiting: number }) {
  const all = working + waiting
  if (all <= 0) return null
  const said = t.split(formatDuration(round(working)), formatDuration(round(waiting)))
  return (
    <span role="img" aria-label={said} title={said} className="inline-flex items-center gap-2 text-muted text-xs">
      <span className="inline-flex h-2 w-20 gap-px overflow-hidden rounded-full">
        <span
          className="bg-completed-solid"
          style={{ width: `${(working / all) * 100}%`, minWidth: working > 0 ? 2 : 0 }}
        />
        <span className="hatched flex-1 bg-queued-solid/70" />
      </span>
      <span className="whitespace-nowrap tabular-nums">
        {`${formatDuration(round(working))} ${t.working}, ${formatDuration(round(waiting))} ${t.waiting}`}
      </span>
    </span>
  )
}

/** Beyond a second whole ones are enough while they count up. */
function round(ms: number): number {
  return ms > 60_000 ? Math.round(ms / 1000) * 1000 : ms
}

function Trigger({ run }: { readonly run: RunAlone }) {
  const { trigger } = run
  const ids = trigger.eventIds ?? []
  const [first] = ids
  if (trigger.cronSchedule !== undefined) return <code title={t.cron}>{trigger.cronSchedule}</code>
  if (trigger.isBatch) {
    return (
      <span className="inline-flex flex-wrap items-center gap-1.5">
        {trigger.eventName !== undefined && <EventNameLink name={trigger.eventName} />}
        <Many
          label={t.batchEvents}
          button={t.batch(ids.length)}
          ids={ids}
          link={(id) => <EventLink className="link" id={id} />}
        />
      </span>
    )
  }
  const isInvoke = trigger.eventName === 'inngest/function.invoked'
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      {isInvoke ? t.invoked : trigger.eventName !== undefined && <EventNameLink name={trigger.eventName} />}
      {first !== undefined && <EventLink className="link" id={first} />}
      {first === undefined && trigger.eventName === undefined && <span className="text-muted">–</span>}
    </span>
  )
}

function Relations({ run }: { readonly run: RunAlone }) {
  const children = run.children ?? []
  const reruns = run.reruns ?? []
  return (
    <>
      {run.parentRunId !== undefined && (
        <Fact label={t.parent}>
          <RunLink className="link" id={run.parentRunId} />
        </Fact>
      )}
      {children.length > 0 && (
        <Fact label={t.children}>
          <Some ids={children.map((child) => child.runId)} label={t.children} />
        </Fact>
      )}
      {run.originalRunId !== undefined && (
        <Fact label={t.rerunOf}>
          <RunLink className="link" id={run.originalRunId} />
        </Fact>
      )}
      {reruns.length > 0 && (
        <Fact label={t.reruns}>
          <Some ids={reruns} label={t.reruns} />
        </Fact>
      )}
    </>
  )
}

/** Runs that are named side by side; more of them stand in a list of their own. */
const NAMED_MAX = 2

function Some({ ids, label }: { readonly ids: readonly string[]; readonly label: string }) {
  const named = ids.slice(0, NAMED_MAX)
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      {named.map((id) => (
        <RunLink key={id} className="link" id={id} />
      ))}
      {ids.length > NAMED_MAX && (
        <Many
          label={label}
          button={t.moreOf(ids.length - NAMED_MAX)}
          ids={ids}
          link={(id) => <RunLink className="link" id={id} />}
        />
      )}
    </span>
  )
}

interface ManyProps {
  readonly label: string
  readonly button: string
  readonly ids: readonly string[]
  readonly link: (id: string) => React.ReactNode
}

function Many({ label, button, ids, link }: ManyProps) {
  return (
    <Popover label={label} trigger={<Button size="sm">{button}</Button>} className="max-h-80 overflow-auto p-2">
      <ol className="flex flex-col">
        {ids.map((id) => (
          <li key={id} className="flex min-h-6 items-center">
            {link(id)}
          </li>
        ))}
      </ol>
    </Popover>
  )
}
