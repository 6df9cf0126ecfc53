// The server under test, or the floor: started with an empty store on a port, measured from outside, stopped.
// Black box: it must answer GET /health with a 2xx; nothing else is assumed here.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { removeDirectory, startCommand, stopChild, temporaryDirectory } from './children.ts'
import { monotonicMs, pause } from './clock.ts'
import { groupCpuMs, groupRssMib } from './usage.ts'

const BOOT_MS_MAX = 30_000

/** What can stand on the port. */
export interface ServerKind {
  readonly name: 'pawl' | 'floor'
  /** The program, to which `dev` and its flags are appended. */
  readonly program: string
}

/** A server that answers. */
export interface RunningServer {
  readonly kind: ServerKind
  readonly url: string
  /** From the start of the process to the first answer of /health. */
  readonly bootMs: number
  cpuMs(): number
  rssMib(): number
  /** Whether it has ended by itself, and the last lines that it wrote: for the report of a measurement that failed. */
  lastWords(): string
  stop(): Promise<void>
}

/** The floor of this repository. */
export const FLOOR: ServerKind = { name: 'floor', program: 'node bench/floor/main.ts' }

/**
 * Starts a server on the store in `directory`, which outlives it; without one, on an empty store that goes with it.
 *
 * @throws Error with a message for a person, which ends with the last lines that the server wrote.
 */
export async function startServer(kind: ServerKind, port: number, kept?: string): Promise<RunningServer> {
  const directory = kept ?? temporaryDirectory()
  const logFile = join(directory, 'server.log')
  const startedAt = monotonicMs()
  const flags = `dev --port ${port} --no-discovery --sqlite-dir ${directory}`
  const { pid, child } = startCommand(`${kind.program} ${flags}`, logFile)
  const stop = async () => {
    await stopChild(child)
    if (kept === undefined) removeDirectory(directory)
  }
  const url = `http://127.0.0.1:${port}`
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const lastWords = () =>
    (hasEnded() ? `ended with ${child.exitCode ?? child.signalCode}` : 'runs') + lastLines(logFile)
  while (!(await answersHealth(url))) {
    if (hasEnded() || monotonicMs() - startedAt > BOOT_MS_MAX) {
      const message = `could not be started (${kind.program} ${flags}): it ${lastWords()}`
      await stop()
      throw new Error(message)
    }
    await pause(2)
  }
  const bootMs = monotonicMs() - startedAt
  return { kind, url, bootMs, cpuMs: () => groupCpuMs(pid), rssMib: () => groupRssMib(pid), lastWords, stop }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port)
        else reject(new Error('the system gave no port'))
      })
    })
  })
}

/** Waits until the server has nothing left to do: less than 2 % of a core over 250 ms. Bounded by `msMax`. */
export async function settle(server: RunningServer, msMax: number): Promise<void> {
  const deadline = monotonicMs() + msMax
  let before = server.cpuMs()
  while (monotonicMs() < deadline) {
    await pause(250)
    const now = server.cpuMs()
    if (now - before <= 10) return
    before = now
  }
}

async function answersHealth(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

function lastLines(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8)
  return lines.map((line) => (line === '' ? '' : `\n    ${line}`)).join('')
}
