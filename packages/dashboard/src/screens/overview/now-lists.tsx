// What happens around now: runs that wait longer than usual with the reason, what runs next by the clock, and what should
// have run and did not.

import { Link } from '@tanstack/react-router'
import { CalendarClock, CircleCheck, TriangleAlert } from 'lucide-react'
import type { Overview, Run } from '../../api/index.ts'
import { FunctionLink, RunLink } from '../../frame/index.ts'
import { Elapsed, Panel, Status, statusOfRun, Time } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { Nothing } from './nothing.tsx'
import { waitingText } from './waiting-text.ts'

type Tick = NonNullable<Overview['nextUp']>[number]

const row = 'flex min-h-10 items-center gap-3 border-border border-b px-3 py-1.5 text-xs last:border-b-0'

/** Queued runs that wait longer than almost all others did, with the reason. */
export function WaitingLongest({ runs }: { readonly runs: readonly Run[] }) {
  const t = messages.waiting
  return (
    <Panel
      title={t.title}
      isFlush
      actions={
        runs.length > 0 && (
          <Link to="/runs" search={{ last: 'all', status: ['QUEUED'], order: 'ASC' }} className="link text-xs">
            {t.all}
          </Link>
        )
      }
    >
      {runs.length === 0 ? (
        <Nothing icon={CircleCheck}>{t.none}</Nothing>
      ) : (
        <ul>
          {runs.map((run) => (
            <li key={run.id} className={row}>
              <Status kind={statusOfRun(run)} look="icon" />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">
                  <RunLink id={run.id}>{run.function.name}</RunLink>
                </p>
                <p className="truncate text-muted">
                  {waitingText(run.waiting)}
                  {run.waiting?.at !== undefined && (
                    <>
                      {' · '}
                      <Time at={run.waiting.at} />
                    </>
                  )}
                </p>
              </div>
              <span title={t.since} className="shrink-0">
                <Elapsed since={run.queuedAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** The next scheduled runs, and the missed ones; above them when there are any. */
export function Ticks({ nextUp, missed }: { readonly nextUp: readonly Tick[]; readonly missed: readonly Tick[] }) {
  const t = messages.next
  const missedPanel = (
    <Panel title={messages.missed.title} hint={missed.length > 0 && messages.missed.hint} isFlush>
      {missed.length === 0 ? (
        <Nothing icon={CircleCheck}>{messages.missed.none}</Nothing>
      ) : (
        <TickList ticks={missed} isMissed />
      )}
    </Panel>
  )
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {missed.length > 0 && missedPanel}
      <Panel
        title={t.title}
        isFlush
        actions={
          nextUp.length > 0 && (
            <Link to="/schedules" className="link text-xs">
              {t.all}
            </Link>
          )
        }
      >
        {nextUp.length === 0 ? <Nothing icon={CalendarClock}>{t.none}</Nothing> : <TickList ticks={nextUp} />}
      </Panel>
      {missed.length === 0 && missedPanel}
    </div>
  )
}

function TickList({ ticks, isMissed }: { readonly ticks: readonly Tick[]; readonly isMissed?: boolean }) {
  const Icon = isMissed ? TriangleAlert : CalendarClock
  return (
    <ul>
      {ticks.map((tick) => (
        <li key={`${tick.function.slug} ${tick.expression} ${tick.at}`} className={row}>
          <Icon size={14} aria-hidden className={isMissed ? 'shrink-0 text-paused-fg' : 'shrink-0 text-muted'} />
          <div className="min-w-0 flex-1">
            <p className="truncate font-medium">
              <FunctionLink appId={tick.app.id} functionId={tick.function.id} name={tick.function.name} />
            </p>
            <p className="mono truncate text-muted">{tick.expression}</p>
          </div>
          <Time at={tick.at} />
        </li>
      ))}
    </ul>
  )
}
