// Walks the first minute of a newcomer: `npm start`, send the event it names, see its run completed, end it. On ports and
// with a folder of its own, so that it can run beside a server that is in use and touches no state but its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './run-program.ts'

/** Time until the run must have ended; the function sleeps two seconds of it. */
const WITHIN_MS = 40_000
/** Time until both programs must have ended after SIGTERM. */
const END_MS = 15_000

/** One test. */
export async function testFirstRun(): Promise<{ readonly passed: number; readonly failed: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-first-run-'))
  try {
    return await walk(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function walk(folder: string): Promise<{ readonly passed: number; readonly failed: number }> {
  const began = performance.now()
  const [serverPort, appPort] = await freePorts()
  const child = spawn(process.execPath, [`${ROOT}apps/hello/src/start.ts`], {
    cwd: ROOT,
    env: {
      ...process.env,
      HELLO_SERVER_PORT: `${serverPort}`,
      HELLO_APP_PORT: `${appPort}`,
      HELLO_STATE_FOLDER: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  try {
    const url = await until(() => /curl (http:\S+)\/e\/demo/.exec(output)?.[1])
    const eventId = await sendEvent(url)
    await until(() => (output.includes('Hello, Ada! Your name has 3 letters.') ? true : undefined))
    await until(async () => ((await isCompleted(url, eventId)) ? true : undefined))
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(END_MS, undefined, { ref: false })])
    if (child.exitCode !== 0)
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode ?? 'nothing'} after SIGTERM`)
    process.stdout.write(
      `ok   npm start: a function has run and all has ended after ${((performance.now() - began) / 1_000).toFixed(1)} s\n`,
    )
    return { passed: 1, failed: 0 }
  } catch (error) {
    process.stdout.write(`FAIL npm start: ${error instanceof Error ? error.message : String(error)}\n${output}\n`)
    child.kill('SIGTERM')
    // Its folder is removed next; the programs must not write there any more.
    await Promise.race([ended, sleep(END_MS, undefined, { ref: false })])
    return { passed: 0, failed: 1 }
  }
}

async function sendEvent(url: string): Promise<string> {
  const answer = await fetch(`${url}/e/demo`, {
    method: 'POST',
    body: '{"name":"demo/hello","data":{"name":"Ada"}}',
  })
  const text = await answer.text()
  const id = /"ids":\["([^"]+)"\]/.exec(text)?.[1]
  if (id === undefined) throw new Error(`the event was answered ${answer.status}: ${text}`)
  return id
}

/** Whether the one run that the event started has completed. */
async function isCompleted(url: string, eventId: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/events/${eventId}/runs`)
  const body: unknown = await answer.json()
  const runs: readonly unknown[] =
    typeof body === 'object' && body !== null && 'data' in body && Array.isArray(body.data) ? body.data : []
  return runs.length === 1 && JSON.stringify(runs[0]).includes('"status":"Completed"')
}

/** Two ports that nobody listens on; both are held until both are known, so that they differ. */
async function freePorts(): Promise<readonly number[]> {
  const servers = [createServer().listen(0), createServer().listen(0)]
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + WITHIN_MS
  while (performance.now() < deadline) {
    const seen = await look()
    if (seen !== undefined) return seen
    await sleep(50)
  }
  throw new Error(`what should be seen was not seen within ${WITHIN_MS / 1_000} s`)
}

if (import.meta.main) process.exitCode = (await testFirstRun()).failed
