/**
 * The one command that starts the trading agent with all that it needs: it makes its jobs once, says what to try, and what it
 * says works as it stands.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exchange } from '../harness/http.ts'
import { repositoryRoot, temporaryFolder } from '../harness/paths.ts'
import { freePort } from '../harness/port.ts'
import { type Child, startChild } from '../harness/process.ts'
import { at, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { SessionsApi } from './sessions-api.ts'

const FILE = join(repositoryRoot, 'apps', 'trading-agent', 'src', 'start.ts')
const START_MS = 30_000

interface Started {
  readonly child: Child
  readonly api: SessionsApi
  /** The lines to try, as they were printed: the plain job, the durable one, the broker's orders. */
  readonly tries: readonly string[]
}

async function start(folder: string): Promise<Started> {
  const env = { TRADING_PORT: String(await freePort()), TRADING_STATE_FOLDER: folder }
  const child = startChild(FILE, { env })
  const said = await until('the lines to try', () => child.output().includes('Ctrl-C ends all') && child.output(), {
    withinMs: START_MS,
    onGivingUp: () => child.output(),
  })
  const origin = text(/Pawl runs at (\S+),/.exec(said)?.[1])
  const tries = [...said.matchAll(/curl (?:-X POST )?(\S+)/g)].map(([, url]) => text(url))
  return { child, api: new SessionsApi(origin), tries }
}

/** Calls a job as its line says, and approves what the agent asks. */
async function tryOnce(api: SessionsApi, line: string): Promise<void> {
  expect((await exchange(line, { method: 'POST' })).status).toBe(202)
  const request = await until('the question', async () => (await api.pending())[0])
  await api.respond(text(request.id), { decision: 'approve' })
  await api.sessionIn(text(request.sessionId), 'completed')
}

it('OS-9: one command starts it all; a second start finds the jobs of the first', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder('trading')
  try {
    const first = await start(folder)
    const [plain = '', durable = '', orders = ''] = first.tries
    await tryOnce(first.api, plain)
    await tryOnce(first.api, durable)
    expect(list(at((await exchange(orders)).json, 'orders'))).toHaveLength(2)
    const names = async (api: SessionsApi) =>
      list(at(await api.ask('/v2/jobs'), 'data')).map((job) => [at(job, 'id'), at(job, 'name'), at(job, 'enabled')])
    const made = await names(first.api)
    expect(made).toHaveLength(2)
    await first.child.end('SIGTERM')

    // On other ports, with another token: the jobs know both.
    const second = await start(folder)
    expect(await names(second.api)).toEqual(made)
    await tryOnce(second.api, text(second.tries[0]))
    await second.child.end('SIGTERM')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
