/**
 * The server is killed with two hundred calls of jobs open: each was sent once and is sent never again, each record tells
 * what is known, and every job is called at its next slot. What was still queued is called after the start.
 */
import { describe, expect, it } from 'vitest'
import { type PawlServer, startServer } from '../harness/server.ts'
import { at, type Fields, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { idOf, JobsApi, MINUTE } from './jobs-api.ts'
import { Target } from './target.ts'

const JOBS = 200

interface Scene {
  readonly server: PawlServer
  readonly target: Target
  readonly api: JobsApi
  readonly ids: readonly string[]
}

/** A server that makes so many calls at once, with two hundred jobs of one minute. */
async function scene(openMax: number): Promise<Scene> {
  const server = await startServer({ flags: ['--queue-workers', String(openMax)] })
  const target = await Target.open()
  target.hold()
  const api = new JobsApi(server.url)
  const ids: string[] = []
  for (let n = 0; n < JOBS; n++) {
    const request = { url: `${target.url}/${n}` }
    ids.push(idOf(await api.createJob({ name: `job ${n}`, intervalMinutes: 1, timeoutSeconds: 300, request })))
  }
  return { server, target, api, ids }
}

/** Every run of these jobs. */
async function allRuns({ api, ids }: Scene): Promise<readonly Fields[]> {
  const runs: Fields[] = []
  for (const id of ids) runs.push(...(await api.jobRuns(id)))
  return runs
}

function runIds({ target }: Scene): readonly string[] {
  return target.calls.map(({ runId }) => runId)
}

describe('kill -9 with 200 calls of jobs', () => {
  it.each([
    ['all of them open', 300, JOBS],
    ['a hundred open and a hundred queued', 100, 100],
  ])('%s: each is sent once, each record is true, and the next slot is called', async (_what, openMax, open) => {
    const stage = await scene(openMax)
    const { server, target, api, ids } = stage
    try {
      await api.advance(MINUTE)
      await until('the calls to be open', () => target.held === open)
      await server.kill()
      target.release()
      const firstIds = new Set(runIds(stage))
      expect(firstIds.size).toBe(open)
      await server.start()
      const runs = await until('all runs to end', async () => {
        const all = await allRuns(stage)
        return all.every(({ status }) => status === 'success' || status === 'failure') && all.length === JOBS && all
      })
      for (const run of runs) {
        const known = firstIds.has(idOf(run)) ? ['failure', 'worker_lost'] : ['success', undefined]
        expect([idOf(run), run.status, at(run, 'error', 'code')]).toEqual([idOf(run), ...known])
      }
      expect(new Set(runIds(stage)).size).toBe(target.calls.length)
      expect(target.calls).toHaveLength(JOBS)
      await api.advance(MINUTE)
      await until('the next slot of all', () => target.calls.length === 2 * JOBS)
      expect(new Set(runIds(stage)).size).toBe(2 * JOBS)
      await until('the end of all', async () => (await allRuns(stage)).every(({ status }) => status !== 'running'))
      const jobs = await pages(api, '/v2/jobs?limit=100')
      expect(jobs).toHaveLength(ids.length)
      for (const { stats } of jobs)
        expect(stats).toMatchObject({
          totalRuns: 2,
          failedRuns: open === JOBS ? 1 : expect.any(Number),
          skippedRuns: 0,
        })
    } finally {
      await target.close()
      await server.close()
    }
  })
})

async function pages(api: JobsApi, path: string): Promise<readonly Fields[]> {
  const all: Fields[] = []
  for (let cursor = ''; ; ) {
    const answer = await api.ask(`${path}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    all.push(...list(at(answer, 'data') ?? []).map((each) => each as Fields))
    if (at(answer, 'page', 'hasMore') !== true) return all
    cursor = text(at(answer, 'page', 'cursor'))
  }
}
