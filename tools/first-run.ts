// Walks the first minute of a newcomer: `npm start`, send the event it names, see the run completed, end it. On ports of
// its own, so that it can run beside a server that is in use.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './run-program.ts'

/** Time until the run must have ended; the function sleeps two seconds of it. */
const WITHIN_MS = 40_000

/** One test. */
export async function testFirstRun(): Promise<{ readonly passed: number; readonly failed: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, [`${ROOT}apps/hello/src/start.ts`], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  try {
    const url = await until(() => /curl (http:\S+)\/e\/demo/.exec(output)?.[1])
    await fetch(`${url}/e/demo`, { method: 'POST', body: '{"name":"demo/hello","data":{"name":"Ada"}}' })
    await until(() => (output.includes('Hello, Ada! Your name has 3 letters.') ? true : undefined))
    await until(async () => ((await completedRuns(url)) > 0 ? true : undefined))
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(15_000, undefined, { ref: false })])
    if (child.exitCode !== 0)
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode ?? 'nothing'} after SIGTERM`)
    process.stdout.write(
      `ok   npm start: a function has run and all has ended after ${((performance.now() - began) / 1_000).toFixed(1)} s\n`,
    )
    return { passed: 1, failed: 0 }
  } catch (error) {
    process.stdout.write(`FAIL npm start: ${error instanceof Error ? error.message : String(error)}\n${output}\n`)
    child.kill('SIGTERM')
    return { passed: 0, failed: 1 }
  }
}

async function completedRuns(url: string): Promise<number> {
  const answer = await fetch(`${url}/v2/runs?limit=5&status=COMPLETED`)
  const body: unknown = await answer.json()
  return typeof body === 'object' && body !== null && 'data' in body && Array.isArray(body.data) ? body.data.length : 0
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
