/**
 * One production server on SQLite, with its keys, for what development allows and production does not.
 */
import { rm } from 'node:fs/promises'
import { serverEntry, temporaryFolder } from '../harness/paths.ts'
import { freePort } from '../harness/port.ts'
import { startChild } from '../harness/process.ts'
import { Hopeless, until } from '../harness/until.ts'
import { EVENT_KEY, SIGNING_KEY } from '../processes/production.ts'
import { JobsApi } from './jobs-api.ts'

export interface ProductionServer {
  readonly api: JobsApi
  log(): string
  close(): Promise<void>
}

/** Starts a server with `pawl start`, and waits until it is ready. */
export async function startProduction(flags: readonly string[] = []): Promise<ProductionServer> {
  const [port, folder] = await Promise.all([freePort(), temporaryFolder('production')])
  const child = startChild(serverEntry, {
    args: [
      ...['start', '--host', '127.0.0.1', '--port', String(port), '--sqlite-dir', folder],
      ...['--event-key', EVENT_KEY, '--signing-key', SIGNING_KEY, ...flags],
    ],
  })
  const api = new JobsApi(`http://127.0.0.1:${port}`, SIGNING_KEY)
  await until(
    'the server to be ready',
    async () => {
      if (!child.running()) throw new Hopeless(`The server ended by itself:\n${child.output()}`)
      return (await api.exchange('/ready', { timeoutMs: 1_000 })).status === 200
    },
    { onGivingUp: () => child.output() },
  )
  return {
    api,
    log: () => child.output(),
    close: async () => {
      await child.end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
