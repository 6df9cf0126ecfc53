/**
 * The part of the HTTP API that is about flow control: pause, queue, bulk operations, and the reasons why runs rest and
 * events start nothing. As with `Api`, every answer is checked for its shape when it is read.
 */
import { Api } from '../harness/api.ts'
import type { Answer } from '../harness/http.ts'
import { at, type Fields, fields, list, number, text } from '../harness/shapes.ts'
import { type Patience, until } from '../harness/until.ts'

/** A function by the names that it has in the API. */
export interface Place {
  readonly app: string
  readonly fn: string
}

/** What became of an event for one function. */
export interface Outcome {
  readonly function: string
  readonly outcome: string
  readonly runId: string | null
  readonly detail: Fields | null
}

/** A run as the list of a function shows it. */
export interface ListedRun {
  readonly id: string
  readonly status: string
}

export class FlowApi extends Api {
  /** Pauses a function, or an app where `place` has no function. Gives what it was answered with. */
  async pause(place: Place | { readonly app: string }, how: Fields = {}): Promise<Fields> {
    return fields(at(await this.ask(`${pathOf(place)}/pause`, { method: 'POST', body: how }), 'data'))
  }

  async unpause(place: Place | { readonly app: string }): Promise<Fields> {
    return fields(at(await this.ask(`${pathOf(place)}/unpause`, { method: 'POST', body: {} }), 'data'))
  }

  /** What is queued of a function, by state. */
  async queue(place: Place): Promise<Readonly<Record<string, number>>> {
    const counts = fields(at(await this.ask(`${pathOf(place)}/queue`), 'data'))
    return Object.fromEntries(Object.entries(counts).map(([state, count]) => [state, number(count)]))
  }

  /** Waits until nothing is queued of a function any more. */
  emptied(place: Place): Promise<unknown> {
    return until(`the queue of ${place.fn} to be empty`, async () => (await this.queue(place)).count === 0)
  }

  /** Runs of a function in the order of their queueing. */
  async listRuns({ app, fn }: Place): Promise<readonly ListedRun[]> {
    const runs = await this.ask(`/v2/apps/${app}/functions/${fn}/runs?limit=100&order=ASC`)
    return list(at(runs, 'data') ?? []).map((run) => ({ id: text(at(run, 'id')), status: text(at(run, 'status')) }))
  }

  /** Statuses of a function's runs, in the order of their queueing. */
  async statuses(place: Place): Promise<readonly string[]> {
    return (await this.listRuns(place)).map(({ status }) => status)
  }

  /** Why a run does not move; null for one that has ended. */
  async why(runId: string): Promise<Fields | null> {
    const reason = at(await this.ask(`/v2/runs/${runId}/why`), 'data', 'reason')
    return reason === null ? null : fields(reason, 'a reason')
  }

  /** One reason for each open branch of a run. */
  async reasons(runId: string): Promise<readonly Fields[]> {
    return list(at(await this.ask(`/v2/runs/${runId}/why`), 'data', 'reasons')).map((reason) => fields(reason))
  }

  /** Waits until a run has a reason of that code, and gives it. */
  rests(runId: string, code: string, patience: Patience = {}): Promise<Fields> {
    let seen: unknown
    return until(
      `run ${runId} to be ${code}`,
      async () => {
        const reason = await this.why(runId)
        seen = reason
        return reason?.code === code && reason
      },
      { onGivingUp: () => seen, ...patience },
    )
  }

  /** What became of an event, for each function. */
  async outcomes(eventId: string): Promise<readonly Outcome[]> {
    return list(at(await this.ask(`/v2/events/${eventId}/why`), 'data', 'functions')).map(readOutcome)
  }

  /** What became of an event for one function. */
  async outcome(eventId: string, { app, fn }: Place): Promise<Outcome> {
    const outcomes = await this.outcomes(eventId)
    const found = outcomes.find((each) => each.function === `${app}-${fn}`)
    if (found === undefined) throw new Error(`${fn} is not among ${JSON.stringify(outcomes)}`)
    return found
  }

  /** Invokes a function; nothing is expected of the answer. */
  tryInvoke(place: Place, body: Fields = {}): Promise<Answer> {
    return this.exchange(`${pathOf(place)}/invoke`, { method: 'POST', body })
  }

  /** Cancels many runs of a function and waits until that is done. Gives its record. */
  async cancelMany({ app, fn }: Place, window: Fields): Promise<Fields> {
    const body = { app_id: app, function_id: fn, ...window }
    const id = text(at(await this.ask('/v1/cancellations', { method: 'POST', body }), 'data', 'id'))
    return until(`cancellation ${id} to end`, async () => {
      const record = (await this.cancellations()).find((each) => each.id === id)
      return typeof record?.ended_at === 'string' && record
    })
  }

  async cancellations(): Promise<readonly Fields[]> {
    return list(at(await this.ask('/v1/cancellations?limit=100'), 'data')).map((record) => fields(record))
  }

  /** Asks for a replay; gives its record, which for a dry run has only the count. */
  async replay(place: Place, body: Fields): Promise<Fields> {
    return fields(at(await this.ask(`${pathOf(place)}/replays`, { method: 'POST', body }), 'data'))
  }

  async replayOf(place: Place, id: string): Promise<Fields> {
    return fields(at(await this.ask(`${pathOf(place)}/replays/${id}`), 'data'))
  }

  async stopReplay(place: Place, id: string): Promise<Fields> {
    return fields(at(await this.ask(`${pathOf(place)}/replays/${id}`, { method: 'DELETE' }), 'data'))
  }
}

function pathOf(place: Place | { readonly app: string }): string {
  return `/v2/apps/${place.app}${'fn' in place ? `/functions/${place.fn}` : ''}`
}

function readOutcome(value: unknown): Outcome {
  const { function: slug, outcome, runId, detail } = fields(value, 'an outcome')
  return {
    function: text(slug),
    outcome: text(outcome),
    runId: runId === null ? null : text(runId),
    detail: detail === null ? null : fields(detail),
  }
}
