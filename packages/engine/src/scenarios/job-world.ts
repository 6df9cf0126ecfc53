// What tests of jobs have in common: a job with its usual fields, and a target that answers when it is told to.
import type { GatewayRequest, GatewayResult } from '../drivers/driver.ts'
import type { JobGiven } from '../jobs/door.ts'
import type { World } from './world.ts'

export const MINUTE = 60_000

export const OK: GatewayResult = { kind: 'answer', status: 200, headers: {}, body: 'fine', bodyBytes: 4 }

/** 2026-01-01, every minute, in UTC. */
export function jobGiven(given: Partial<JobGiven> & { readonly everyMinutes?: number } = {}): JobGiven {
  const { everyMinutes = 1, ...rest } = given
  return {
    name: 'a job',
    enabled: true,
    schedule: {
      intervalMinutes: everyMinutes,
      startMinute: 0,
      startHour: 0,
      timeZone: 'UTC',
      anchorDate: '2026-01-01',
    },
    request: { method: 'POST', url: 'https://target.test/hook', headers: [], body: null },
    timeoutMs: 30_000,
    ...rest,
  }
}

/** Requests that wait for their answers, and how many were open at once. */
export class Target {
  readonly requests: GatewayRequest[] = []
  openMax = 0
  readonly #open: ((result: GatewayResult) => void)[] = []

  constructor(world: World) {
    world.fetch = (request) => {
      this.requests.push(request)
      return new Promise((resolve) => {
        this.#open.push(resolve)
        this.openMax = Math.max(this.openMax, this.#open.length)
      })
    }
  }

  get open(): number {
    return this.#open.length
  }

  /** Answers the oldest open request. */
  answer(result: GatewayResult = OK): void {
    const resolve = this.#open.shift()
    if (resolve === undefined) throw new Error('no request is open')
    resolve(result)
  }
}

/** The runs of a job, newest first, in a few words. */
export async function runsOf(world: World, jobId: string): Promise<readonly string[]> {
  const rows = await runRowsOf(world, jobId)
  return rows.map(({ row }) => {
    const at = new Date(row.scheduledAt).toISOString().slice(11, 16)
    const skip = row.skipReason === null ? '' : ` ${row.skipReason} ${row.skipSlots}`
    return `${at} ${row.trigger} ${row.status}${skip}${row.errorCode === null ? '' : ` ${row.errorCode}`}`
  })
}

export async function runRowsOf(world: World, jobId: string) {
  return world.store.lists.jobRuns({ job: (await jobRow(world, jobId)).key, limit: 1_000 })
}

export async function jobRow(world: World, id: string) {
  const row = await world.store.state.jobByUlid(id)
  if (row === undefined) throw new Error(`no job ${id}`)
  return row
}
