/**
 * The server's documented HTTP API as tests use it: send events, read runs, move the clock, cancel, rerun.
 * Nothing here knows more than a user of the API could; every answer is checked for its shape when it is read.
 */
import { type Answer, exchange, type Sending } from './http.ts'
import { at, type Fields, fields, list, text } from './shapes.ts'
import { Hopeless, type Patience, until } from './until.ts'

/** An event as it is sent. */
export interface OutgoingEvent {
  readonly name: string
  readonly data?: unknown
  readonly id?: string
  readonly ts?: number
  readonly v?: string
}

/** A run as `GET /v1/runs/{id}` shows it. */
export interface RunView {
  readonly id: string
  readonly functionId: string
  readonly status: string
  readonly output: unknown
  readonly startedAt: string | undefined
  readonly endedAt: string | undefined
  readonly originalRunId: string | undefined
}

/** A span of a run's trace. */
export interface Span {
  readonly name: string
  readonly status: string
  readonly stepOp: string | undefined
  readonly attempts: number | undefined
  readonly stepInfo: Fields | undefined
  readonly output: unknown
  readonly children: readonly Span[]
}

const FINAL = new Set(['Completed', 'Failed', 'Cancelled', 'Skipped'])

/** The HTTP API of one server. */
export class Api {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** Any request; nothing is expected of the answer. */
  exchange(path: string, sending: Sending = {}): Promise<Answer> {
    return exchange(`${this.url}${path}`, sending)
  }

  /** A request that must be answered with 2xx; gives the JSON. */
  async ask(path: string, sending: Sending = {}): Promise<unknown> {
    const answer = await this.exchange(path, sending)
    if (answer.status >= 200 && answer.status < 300) return answer.json
    throw new Error(`${sending.method ?? 'GET'} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`)
  }

  /** Sends events in one request and gives their IDs, in order. */
  async send(
    events: OutgoingEvent | readonly OutgoingEvent[],
    headers: Record<string, string> = {},
  ): Promise<string[]> {
    const answer = await this.ask('/e/e2e', { method: 'POST', body: events, headers })
    return list(at(answer, 'ids')).map((id) => text(id))
  }

  /** Sends one event and gives its ID. */
  async sendOne(event: OutgoingEvent): Promise<string> {
    const [id] = await this.send(event)
    if (id === undefined) throw new Error(`No ID for ${event.name}`)
    return id
  }

  /** The runs that an event started. */
  async runsOf(eventId: string): Promise<readonly RunView[]> {
    return list(at(await this.ask(`/v1/events/${eventId}/runs`), 'data')).map(readRun)
  }

  /** One run. */
  async run(runId: string): Promise<RunView> {
    return readRun(at(await this.ask(`/v1/runs/${runId}`), 'data'))
  }

  /** The root span of a run's trace, outputs included. */
  async trace(runId: string): Promise<Span> {
    const answer = await this.ask(`/v2/runs/${runId}/trace?includeOutput=true`)
    return readSpan(at(answer, 'data', 'rootSpan'))
  }

  /** Waits until the event has started a run and gives it. */
  firstRun(eventId: string, patience: Patience = {}): Promise<RunView> {
    return until(`a run of event ${eventId}`, async () => (await this.runsOf(eventId))[0], patience)
  }

  /** Waits until the run is in one of the statuses. A final status that is not wanted ends the wait at once. */
  reached(runId: string, statuses: string | readonly string[], patience: Patience = {}): Promise<RunView> {
    const wanted = typeof statuses === 'string' ? [statuses] : statuses
    let seen: RunView | undefined
    return until(
      `run ${runId} to be ${wanted.join(' or ')}`,
      async () => {
        seen = await this.run(runId)
        if (wanted.includes(seen.status)) return seen
        if (FINAL.has(seen.status)) throw new Hopeless(`Run ${runId} is ${seen.status}: ${JSON.stringify(seen.output)}`)
        return undefined
      },
      { onGivingUp: () => seen, ...patience },
    )
  }

  /** Waits until the run has ended, however. */
  ended(runId: string, patience: Patience = {}): Promise<RunView> {
    return this.reached(runId, [...FINAL], patience)
  }

  /** Sends an event and waits for the one run it starts to complete (or to reach `status`). */
  async sendAndWait(event: OutgoingEvent, patience: Patience & { readonly status?: string } = {}): Promise<RunView> {
    const run = await this.firstRun(await this.sendOne(event), patience)
    return this.reached(run.id, patience.status ?? 'Completed', patience)
  }

  /** Events of some names, newest first; internal ones too. */
  async events(query: string): Promise<readonly Fields[]> {
    return list(at(await this.ask(`/v1/events?${query}`), 'data')).map((event) => fields(event))
  }

  /** The internal events of that name which speak of a run. */
  async internalEvents(name: string, runId: string): Promise<readonly Fields[]> {
    const filter = encodeURIComponent(`event.data.run_id == '${runId}'`)
    return this.events(`include_internal=true&limit=50&name=${encodeURIComponent(name)}&query=${filter}`)
  }

  /** Moves the server's clock forward. */
  async advance(by: string): Promise<void> {
    await this.ask('/dev/clock', { method: 'POST', body: { advance: by } })
  }

  /** The server's time, in epoch milliseconds. */
  async now(): Promise<number> {
    const now = at(await this.ask('/dev/clock'), 'data', 'now')
    return typeof now === 'number' ? now : Date.parse(text(now))
  }

  /** Reruns a run, whole or from a step, and gives the new run's ID. */
  async rerun(runId: string, body: Fields = {}): Promise<string> {
    return text(at(await this.ask(`/v2/runs/${runId}/rerun`, { method: 'POST', body }), 'data', 'runId'))
  }

  /** Cancels a run that has not ended. */
  async cancel(runId: string): Promise<void> {
    await this.ask(`/v2/runs/${runId}/cancel`, { method: 'POST', body: {} })
  }

  /** Calls a function without an event and gives the run's ID. */
  async invoke(app: string, functionId: string, body: Fields = {}): Promise<string> {
    const path = `/v2/apps/${app}/functions/${functionId}/invoke`
    return text(at(await this.ask(path, { method: 'POST', body }), 'data', 'runId'))
  }
}

function readRun(value: unknown): RunView {
  const run = fields(value, 'a run')
  const optional = (name: string): string | undefined => (typeof run[name] === 'string' ? run[name] : undefined)
  return {
    id: text(run.run_id, 'run_id'),
    functionId: text(run.function_id, 'function_id'),
    status: text(run.status, 'status'),
    output: run.output,
    startedAt: optional('run_started_at'),
    endedAt: optional('ended_at'),
    originalRunId: optional('original_run_id'),
  }
}

function readSpan(value: unknown): Span {
  const span = fields(value, 'a span')
  const { children, attempts, stepOp, stepInfo } = span
  return {
    name: text(span.name, 'the name of a span'),
    status: text(span.status, 'the status of a span'),
    stepOp: typeof stepOp === 'string' ? stepOp : undefined,
    attempts: typeof attempts === 'number' ? attempts : undefined,
    stepInfo: typeof stepInfo === 'object' && stepInfo !== null ? fields(stepInfo) : undefined,
    output: span.output,
    children: children === undefined ? [] : list(children).map(readSpan),
  }
}
