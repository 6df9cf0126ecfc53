// All there is to tell of an event: its facts, its payload, what became of it for each function, and what it did to runs
// that were there before. The page and the panel beside the list show the same.

import { type EventAlone, type EventOutcome, useFunctions } from '../../api/index.ts'
import { FunctionLink, RunLink } from '../../frame/index.ts'
import {
  Bytes,
  cx,
  Facts,
  Id,
  Panel,
  PayloadView,
  Status,
  StatusIcon,
  statusClass,
  statusOf,
  Time,
} from '../../ui/index.ts'
import { messages } from './messages.ts'
import { outcomeDetail, outcomeKind } from './outcome-tone.ts'

export interface EventViewProps {
  readonly event: EventAlone
  readonly look: 'page' | 'panel'
}

export function EventView({ event, look }: EventViewProps) {
  const facts = messages.facts
  const hasOwnId = event.eventId !== event.id
  return (
    <div
      className={cx('grid min-w-0 gap-4', look === 'page' && 'min-[1100px]:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]')}
    >
      <div className="flex min-w-0 flex-col gap-4">
        <Facts
          isInline={look === 'page'}
          facts={[
            { label: facts.receivedAt, value: <Time at={event.receivedAt} look="date" /> },
            { label: facts.ts, value: <Time at={event.ts} look="date" /> },
            { label: facts.size, value: <Bytes value={event.sizeBytes} /> },
            { label: facts.id, value: <Id id={event.id} isFull={look === 'page'} /> },
            hasOwnId && { label: facts.eventId, value: <Id id={event.eventId} isFull /> },
            event.isInternal && { label: facts.kind, value: facts.internal },
            event.isRepeat && { label: facts.kind, value: facts.repeat },
          ]}
        />
        <section aria-label={messages.payload} className="min-w-0">
          <PayloadView
            of="events"
            id={event.id}
            part="event"
            label={messages.payload}
            root="event"
            maxHeight={look === 'page' ? 640 : 360}
          />
        </section>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Outcomes event={event} />
        <Effects event={event} />
      </div>
    </div>
  )
}

function Outcomes({ event }: { readonly event: EventAlone }) {
  const { outcomes = [], runs = [] } = event
  const told = new Set(outcomes.map(({ runId }) => runId))
  const others = runs.filter(({ id }) => !told.has(id))
  return (
    <>
      <Panel title={messages.outcomes} hint={messages.outcomesHint} isFlush>
        {outcomes.length === 0 ? (
          <div className="p-3">
            <p className="font-medium">{messages.noOutcomes}</p>
            {!event.isInternal && <p className="text-muted">{messages.noOutcomesHint}</p>}
          </div>
        ) : (
          <ul>
            {outcomes.map((outcome) => (
              <Outcome
                key={outcome.functionId}
                outcome={outcome}
                status={runs.find(({ id }) => id === outcome.runId)?.status}
              />
            ))}
          </ul>
        )}
      </Panel>
      {others.length > 0 && (
        <Panel title={messages.otherRuns} isFlush>
          <ul>
            {others.map((run) => (
              <li key={run.id} className={row}>
                <Status kind={statusOf(run.status)} look="icon" />
                <span className="min-w-0 flex-1 truncate">
                  <FunctionOf slug={run.functionId} name={run.functionName} />
                </span>
                <RunLink id={run.id} className="link" />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  )
}

const row = 'flex min-h-9 items-center gap-2 border-border border-b px-3 py-1 last:border-b-0'

function Outcome({
  outcome,
  status,
}: {
  readonly outcome: EventOutcome
  readonly status: Parameters<typeof outcomeKind>[1]
}) {
  const detail = outcomeDetail(outcome.detail)
  const kind = outcomeKind(outcome.outcome, status)
  return (
    <li className="border-border border-b px-3 py-2 last:border-b-0">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">
          <FunctionOf slug={outcome.functionId} name={outcome.functionName} />
        </span>
        {outcome.runId && <RunLink id={outcome.runId} className="link" />}
      </div>
      <p className={cx('mt-0.5 flex flex-wrap items-center gap-x-1.5 text-xs', statusClass.text[kind])}>
        {outcome.outcome === 'started' && status !== undefined ? (
          <>
            <Status kind={kind} />
            <span className="text-muted">· {messages.outcome.started}</span>
          </>
        ) : (
          <>
            <StatusIcon kind={kind} />
            {messages.outcome[outcome.outcome]}
          </>
        )}
      </p>
      {detail.expression !== undefined && (
        <p className="mt-1 break-words text-xs">
          <span className="text-muted">{messages.condition} </span>
          <code>{detail.expression}</code>
        </p>
      )}
      {detail.error !== undefined && <p className="mt-1 break-words text-failed-fg text-xs">{detail.error}</p>}
      {detail.seen.length > 0 && (
        <dl
          aria-label={messages.sawTitle}
          className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 rounded-md bg-sunken px-2 py-1 text-xs"
        >
          {detail.seen.map(({ path, text }) => (
            <div key={path} className="contents">
              <dt className="mono text-muted">{path}</dt>
              <dd className={cx('mono break-words', text === undefined && 'text-failed-fg')}>
                {text ?? messages.missing}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {detail.rest.length > 0 && (
        <p className="mono mt-1 break-words text-muted text-xs">
          {detail.rest.map(([name, text]) => `${name} ${text}`).join(' · ')}
        </p>
      )}
    </li>
  )
}

function Effects({ event: { effects = [] } }: { readonly event: EventAlone }) {
  if (effects.length === 0) return null
  return (
    <Panel title={messages.effects} isFlush>
      <ul>
        {effects.map(({ runId, functionId, functionName, how }) => (
          <li key={`${runId} ${how}`} className={row}>
            <Status kind={how === 'resumed' ? 'completed' : 'cancelled'} word={messages.how[how]} />
            <span className="min-w-0 flex-1 truncate">
              <FunctionOf slug={functionId} name={functionName} />
            </span>
            <RunLink id={runId} className="link" />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** A function by its slug; a link where it is known, since the address needs its app. */
function FunctionOf({ slug, name }: { readonly slug: string; readonly name: string }) {
  const { rows } = useFunctions({ includeArchived: true })
  const fn = rows.find((each) => each.slug === slug)
  if (fn === undefined) return <bdi>{name}</bdi>
  return <FunctionLink appId={fn.app.id} functionId={fn.id} name={name} />
}
