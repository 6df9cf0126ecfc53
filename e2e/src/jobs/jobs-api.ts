/**
 * HTTP Jobs by their API: make, change, call by hand, read. As with `Api`, only what a user could know is in here; lists are
 * whole pages of a hundred.
 */
import { Api } from '../harness/api.ts'
import type { Answer, Sending } from '../harness/http.ts'
import { at, type Fields, fields, list, text } from '../harness/shapes.ts'
import { type Patience, until } from '../harness/until.ts'

/** A minute and a little, so that the clock stands behind the next slot of a job of one minute. */
export const MINUTE = '60s'

export class JobsApi extends Api {
  readonly #key: string | undefined

  /** `key`: a signing key, where the server wants one. */
  constructor(url: string, key?: string) {
    super(url)
    this.#key = key
  }

  override exchange(path: string, sending: Sending = {}): Promise<Answer> {
    const key = this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }
    return super.exchange(path, { ...sending, headers: { ...key, ...sending.headers } })
  }

  /** Makes a job and gives it as it was answered. */
  async createJob(job: Fields): Promise<Fields> {
    return this.#data('/v2/jobs', { method: 'POST', body: job })
  }

  job(id: string): Promise<Fields> {
    return this.#data(`/v2/jobs/${id}`)
  }

  change(id: string, change: Fields): Promise<Fields> {
    return this.#data(`/v2/jobs/${id}`, { method: 'PATCH', body: change })
  }

  pause(id: string): Promise<Fields> {
    return this.#data(`/v2/jobs/${id}/pause`, { method: 'POST', body: {} })
  }

  resume(id: string): Promise<Fields> {
    return this.#data(`/v2/jobs/${id}/resume`, { method: 'POST', body: {} })
  }

  /** Calls it by hand and gives the run's ID. */
  async callNow(id: string): Promise<string> {
    return text((await this.#data(`/v2/jobs/${id}/run`, { method: 'POST', body: {} })).id)
  }

  async jobRuns(id: string, query = ''): Promise<readonly Fields[]> {
    const answer = await this.ask(`/v2/jobs/${id}/runs?limit=100&${query}`)
    return list(at(answer, 'data') ?? []).map((run) => fields(run))
  }

  jobRun(id: string): Promise<Fields> {
    return this.#data(`/v2/job-runs/${id}`)
  }

  /** Waits until a run has ended, and gives it. */
  jobRunEnded(id: string, patience: Patience = {}): Promise<Fields> {
    return until(
      `run ${id} of a job to end`,
      async () => {
        const run = await this.jobRun(id)
        return run.status !== 'queued' && run.status !== 'running' && run
      },
      patience,
    )
  }

  /** Calls a job by hand and waits for the end of the call. */
  async called(id: string, patience: Patience = {}): Promise<Fields> {
    return this.jobRunEnded(await this.callNow(id), patience)
  }

  async #data(path: string, sending: Sending = {}): Promise<Fields> {
    return fields(at(await this.ask(path, sending), 'data'))
  }
}

/** The ID of what was answered. */
export function idOf(value: Fields): string {
  return text(value.id, 'id')
}
