// One process of a server: started on a place, asked for its health, measured, killed, stopped for a while, ended.
// Its process group is what is measured and signalled, since a command may start more than one program.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCommand, stopChild } from './children.ts'
import { monotonicMs, pause } from './clock.ts'
import type { Place } from './place.ts'
import { groupCpuMs, groupRssMib, programsOf } from './usage.ts'

const BOOT_MS_MAX = 60_000

/** A process that answers. */
export interface ServerProcess {
  readonly url: string
  /** From the start of the process to the first answer of /health. */
  readonly bootMs: number
  cpuMs(): number
  rssMib(): number
  lastWords(): string
  /** Ends it at once, without a chance to do anything about it. */
  kill(): void
  /** Holds it where it is, as a machine does that is moved or swaps; it knows nothing of it. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

let started = 0

/** @throws Error with a message for a person, which ends with the last lines that it wrote. */
export async function startProcess(program: string, port: number, place: Place): Promise<ServerProcess> {
  started += 1
  const logFile = join(place.directory, `server-${started}.log`)
  const startedAt = monotonicMs()
  const flags = `dev --port ${port} --no-discovery ${place.flags}`
  const { pid, child } = startCommand(`${program} ${flags}`, logFile)
  const url = `http://127.0.0.1:${port}`
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const lastWords = () =>
    (hasEnded() ? `ended with ${child.exitCode ?? child.signalCode}` : 'runs') + lastLines(logFile)
  const signal = (name: NodeJS.Signals) => {
    // Not the shell that watches over the group: it must see when the bench is gone.
    for (const member of programsOf(pid)) process.kill(member, name)
  }
  while (!(await answersHealth(url))) {
    if (hasEnded() || monotonicMs() - startedAt > BOOT_MS_MAX) {
      const message = `could not be started (${program} ${flags}): it ${lastWords()}`
      await stopChild(child)
      throw new Error(message)
    }
    await pause(2)
  }
  return {
    url,
    bootMs: monotonicMs() - startedAt,
    cpuMs: () => groupCpuMs(pid),
    rssMib: () => groupRssMib(pid),
    lastWords,
    kill: () => signal('SIGKILL'),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop: async () => {
      signal('SIGCONT')
      await stopChild(child)
    },
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
