// What an event that was just sent started: its runs appear in place and change as they go on.

import { Link } from '@tanstack/react-router'
import { type EventOutcome, useEvent } from '../../api/index.ts'
import { Loaded, Skeleton, Status, statusOf, Time } from '../../ui/index.ts'
import { messages as eventWords } from '../event/messages.ts'
import { messages } from './messages.ts'

export interface SentEventProps {
  readonly eventId: string
  readonly name: string
  /** A link was followed. */
  readonly onGo: () => void
}

export function SentEvent({ eventId, name, onGo }: SentEventProps) {
  const event = useEvent(eventId)
  return (
    <li className="rounded-md border border-border bg-sunken px-3 py-2">
      <p className="flex flex-wrap items-center gap-x-2">
        <Link to="/events/$eventId" params={{ eventId }} onClick={onGo} className="link font-medium">
          <bdi>{name}</bdi>
        </Link>
        {event.data && (
          <span className="text-muted text-xs">
            <Time at={event.data.receivedAt} />
          </span>
        )}
      </p>
      <Loaded query={event} skeleton={<Skeleton className="mt-1 h-4 w-48" />}>
        {({ runs = [], outcomes = [] }) => (
          <>
            <ul className="mt-1 flex flex-col gap-1">
              {runs.map((run) => (
                <li key={run.id} className="flex min-h-6 items-center gap-2">
                  <span className="w-28 shrink-0">
                    <Status kind={statusOf(run.status)} />
                  </span>
                  <Link to="/runs/$runId" params={{ runId: run.id }} onClick={onGo} className="link min-w-0 truncate">
                    <bdi>{run.functionName}</bdi>
                  </Link>
                </li>
              ))}
            </ul>
            {runs.length === 0 && <Nothing outcomes={outcomes} />}
          </>
        )}
      </Loaded>
    </li>
  )
}

function Nothing({ outcomes }: { readonly outcomes: readonly EventOutcome[] }) {
  if (outcomes.length === 0) return <p className="mt-1 text-muted">{messages.startedNothing}</p>
  return (
    <div className="mt-1 text-muted">
      {messages.whyNot}
      <ul>
        {outcomes.map(({ functionId, functionName, outcome }) => (
          <li key={functionId}>
            <bdi>{functionName}</bdi>: {eventWords.outcome[outcome]}
          </li>
        ))}
      </ul>
    </div>
  )
}
