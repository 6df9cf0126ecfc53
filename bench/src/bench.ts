// What every part of the bench works with: the options, the recorder, the one port, the servers, the apps and the database.
// Apps and PostgreSQL are started when they are first needed and live until the end; a server lives only as long as one measurement.

import type { ChildProcess } from 'node:child_process'
import { nextReply } from './apps/messages.ts'
import type { Options } from './options.ts'
import { syncMs } from './report/machine.ts'
import { Recorder } from './report/recorder.ts'
import { startApp, stopChild } from './stand/children.ts'
import { within } from './stand/clock.ts'
import type { Flavour } from './stand/flavours.ts'
import { type DatabaseName, type Place, postgresPlace, sqlitePlace } from './stand/place.ts'
import { Postgres } from './stand/postgres.ts'
import { freePort, type RunningServer, type ServerKind, startServer } from './stand/server.ts'

const APP_START_MS_MAX = 30_000

/** An app process of the bench that listens. */
export interface RunningApp {
  readonly child: ChildProcess
  readonly pid: number
  readonly url: string
}

/** Something that is measured on one server. */
export type Measure = (server: RunningServer) => Promise<void>

/** A server on a store that goes with it. */
interface Stand {
  readonly server: RunningServer
  end(): Promise<void>
}

/** One run of the bench. */
export class Bench {
  readonly options: Options
  readonly port: number
  readonly record = new Recorder()
  readonly notes: string[] = []
  readonly skipped: string[] = []
  private contenders: readonly ServerKind[] = []
  private readonly apps = new Map<string, Promise<RunningApp>>()
  private postgres: Promise<Postgres> | undefined

  constructor(options: Options, port: number) {
    this.options = options
    this.port = port
  }

  /** Says who takes part in `onEachServer` and `onServersSideBySide` from now on. */
  contend(contenders: readonly ServerKind[]): void {
    this.contenders = contenders
  }

  /** The server under test, on the database that was asked for. */
  pawl(): ServerKind {
    return { name: 'pawl', program: this.options.server, database: this.options.database, processes: 1 }
  }

  /** Where the ceiling's sink and the servers of `onEachServer` stand, one after the other, so that an SDK app serves them all. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** A null app: each server that stands beside another has its own, told apart by `name`. */
  nullApp(name: string): Promise<RunningApp> {
    return this.app(`null-${name}`, () => startApp(new URL('./apps/null-app-main.ts', import.meta.url), []))
  }

  /** A process that whoever starts it ends, when it is ready for commands. */
  started(name: string, child: ChildProcess): Promise<RunningApp> {
    return listening(name, child)
  }

  /** The SDK app of a flavour. */
  sdkApp({ id, version, checkpointing }: Flavour): Promise<RunningApp> {
    const module = new URL('./apps/sdk-app-main.ts', import.meta.url)
    return this.app(id, () => startApp(module, [version, checkpointing, this.url]))
  }

  /**
   * Runs `measure` on a fresh server of each contender, one after the other on the bench's port, in another order every round.
   * What fails is noted and the rest goes on; a server that does not start is not tried again.
   */
  async onEachServer(part: string, measure: Measure): Promise<void> {
    for (const kind of this.inTurns(this.contenders, 0)) {
      this.tell(`round ${this.record.round}: ${part}, ${kind.name}`)
      const stand = await this.start(part, kind, this.port)
      if (stand === undefined) continue
      await this.attempt(part, stand.server, measure)
      await stand.end()
    }
  }

  /**
   * Runs each of `measures` on all contenders before the next. Their servers stand side by side on ports of their own: a shared
   * machine changes within seconds, and this way all meet the same one. A server on which one fails is left out of the rest.
   */
  async onServersSideBySide(part: string, measures: readonly Measure[]): Promise<void> {
    this.tell(`round ${this.record.round}: ${part}, ${this.contenders.map((kind) => kind.name).join(' and ')}`)
    let stands: Stand[] = []
    for (const kind of this.contenders) {
      const stand = await this.start(part, kind, await freePort())
      if (stand !== undefined) stands.push(stand)
    }
    for (const [index, measure] of measures.entries()) {
      for (const stand of this.inTurns(stands, index)) {
        if (await this.attempt(part, stand.server, measure)) continue
        stands = stands.filter((other) => other !== stand)
        await stand.end()
      }
    }
    for (const stand of stands) await stand.end()
  }

  /** A new, empty store; whoever asks for it removes it. */
  async newPlace(database: DatabaseName): Promise<Place> {
    if (database === 'sqlite') return sqlitePlace()
    this.postgres ??= Postgres.start()
    return postgresPlace(await this.postgres)
  }

  /** Says on stderr what is going on; the table alone goes to stdout. */
  tell(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  /** Keeps what went wrong for the end of the report. */
  note(text: string): void {
    this.tell(`! ${text}`)
    this.notes.push(text)
  }

  /** Says what is left out because it is not on this machine; nothing is wrong then. */
  skip(text: string): void {
    this.tell(`skipped: ${text}`)
    this.skipped.push(text)
  }

  /** Ends the apps and the database. */
  async close(): Promise<void> {
    for (const app of this.apps.values()) await stopChild((await app).child)
    await (await this.postgres)?.stop()
  }

  /** Starts a contender with an empty store, or notes why it does not start and drops it for good. */
  private async start(part: string, kind: ServerKind, port: number): Promise<Stand | undefined> {
    const place = await this.newPlace(kind.database)
    try {
      const server = await startServer(kind, port, place)
      this.record.add('boot', kind.name, server.bootMs)
      const end = async () => {
        await server.stop()
        await place.remove()
      }
      return { server, end }
    } catch (error) {
      this.contenders = this.contenders.filter((other) => other !== kind)
      this.note(`${part}, ${kind.name}: ${messageOf(error)}`)
      await place.remove()
      return undefined
    }
  }

  /** Whether the measurement succeeded. */
  private async attempt(part: string, server: RunningServer, measure: Measure): Promise<boolean> {
    this.record.add('sync', server.kind.name, syncMs())
    try {
      await measure(server)
      return true
    } catch (error) {
      this.note(`${part}, ${server.kind.name}: ${messageOf(error)}; the server ${server.lastWords()}`)
      return false
    }
  }

  private inTurns<T>(items: readonly T[], index: number): readonly T[] {
    return (this.record.round + index) % 2 === 1 ? [...items] : items.toReversed()
  }

  private app(name: string, start: () => ChildProcess): Promise<RunningApp> {
    const running = this.apps.get(name) ?? listening(name, start())
    this.apps.set(name, running)
    return running
  }
}

async function listening(name: string, child: ChildProcess): Promise<RunningApp> {
  const { port } = await within(APP_START_MS_MAX, `the app ${name} did not start`, nextReply(child, 'ready'))
  return { child, pid: child.pid ?? 0, url: `http://127.0.0.1:${port}` }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
