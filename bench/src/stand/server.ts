// The server under test, or the floor: started on a place as one process or as several, measured from outside, stopped.
// Black box: each process must answer GET /health with a 2xx; nothing else is assumed here.

import { createServer } from 'node:net'
import type { Contender } from '../report/recorder.ts'
import { pause } from './clock.ts'
import type { DatabaseName, Place } from './place.ts'
import { type ServerProcess, startProcess } from './server-process.ts'

/** What can stand on the port. */
export interface ServerKind {
  readonly name: Contender
  /** The program, to which `dev` and its flags are appended. */
  readonly program: string
  readonly database: DatabaseName
  /** How many of it share the place. */
  readonly processes: number
}

/** A server that answers. */
export interface RunningServer {
  readonly kind: ServerKind
  /** Of the first process. */
  readonly url: string
  readonly urls: readonly string[]
  readonly processes: readonly ServerProcess[]
  /** From the start of the first process to its first answer of /health. */
  readonly bootMs: number
  /** CPU milliseconds of all processes so far. */
  cpuMs(): number
  /** CPU milliseconds of the database's processes so far. */
  databaseMs(): number
  rssMib(): number
  /** Whether it has ended by itself, and the last lines that it wrote: for the report of a measurement that failed. */
  lastWords(): string
  stop(): Promise<void>
}

/** The floor of this repository. */
export function floorKind(database: DatabaseName): ServerKind {
  return { name: 'floor', program: 'node bench/floor/main.ts', database, processes: 1 }
}

/**
 * Starts a server: the first process on `port`, alone, since it makes the tables; then the others on ports of their own.
 *
 * @throws Error with a message for a person, which ends with the last lines that the server wrote.
 */
export async function startServer(kind: ServerKind, port: number, place: Place): Promise<RunningServer> {
  const first = await startProcess(kind.program, port, place)
  const processes = [first]
  const stop = async () => void (await Promise.all(processes.map((process) => process.stop())))
  try {
    while (processes.length < kind.processes) {
      processes.push(await startProcess(kind.program, await freePort(), place))
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    kind,
    url: first.url,
    urls: processes.map((process) => process.url),
    processes,
    bootMs: first.bootMs,
    cpuMs: () => sum(processes.map((process) => process.cpuMs())),
    databaseMs: () => place.databaseMs(),
    rssMib: () => sum(processes.map((process) => process.rssMib())),
    lastWords: () => processes.map((process) => process.lastWords()).join('\n  and '),
    stop,
  }
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

/** Waits until the server and its database have nothing left to do: less than 2 % of a core over 250 ms. Bounded by `msMax`. */
export async function settle(server: RunningServer, msMax: number): Promise<void> {
  const usedMs = () => server.cpuMs() + server.databaseMs()
  // Several processes that look at the time now and then use a little each, for ever.
  const restMs = 10 + 5 * (server.processes.length - 1)
  let before = usedMs()
  for (let waitedMs = 0; waitedMs < msMax; waitedMs += 250) {
    await pause(250)
    const now = usedMs()
    if (now - before <= restMs) return
    before = now
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
