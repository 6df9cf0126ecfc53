// What every part of the bench works with: the options, the recorder, the one port, the servers and the apps.
// Apps are started when they are first needed and live until the end; a server lives only as long as one measurement.

import type { ChildProcess } from 'node:child_process'
import { nextReply } from './apps/messages.ts'
import type { Options } from './options.ts'
import { syncMs } from './report/machine.ts'
import { Recorder } from './report/recorder.ts'
import { startApp, stopChild } from './stand/children.ts'
import { within } from './stand/clock.ts'
import type { Flavour } from './stand/flavours.ts'
import { FLOOR, type RunningServer, type ServerKind, ServerStartError, startServer } from './stand/server.ts'

const APP_START_MS_MAX = 30_000

/** An app process of the bench that listens. */
export interface RunningApp {
  readonly child: ChildProcess
  readonly pid: number
  readonly url: string
}

/** One run of the bench. */
export class Bench {
  readonly options: Options
  readonly port: number
  readonly record = new Recorder()
  readonly notes: string[] = []
  private contenders: readonly ServerKind[]
  private readonly apps = new Map<string, Promise<RunningApp>>()

  constructor(options: Options, port: number) {
    this.options = options
    this.port = port
    const pawl: ServerKind = { name: 'pawl', program: options.server }
    const { only } = options
    const wantsPawl = options.flat || only.some((part) => part !== 'floor' && part !== 'ceiling')
    this.contenders = [...(wantsPawl ? [pawl] : []), ...(only.includes('floor') && !options.flat ? [FLOOR] : [])]
  }

  /** Where every server and the ceiling's sink stand, one after the other. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The null app. `name` tells several apart. */
  nullApp(name = 'null'): Promise<RunningApp> {
    return this.app(name, () => startApp(new URL('./apps/null-app-main.ts', import.meta.url), []))
  }

  /** The SDK app of a flavour. */
  sdkApp({ id, version, checkpointing }: Flavour): Promise<RunningApp> {
    const module = new URL('./apps/sdk-app-main.ts', import.meta.url)
    return this.app(id, () => startApp(module, [version, checkpointing, this.url]))
  }

  /**
   * Runs `measure` on a fresh server of each contender, in another order every round.
   * What fails is noted and the rest goes on; a server that does not start is not tried again.
   */
  async onEachServer(part: string, measure: (server: RunningServer) => Promise<void>): Promise<void> {
    const order = this.record.round % 2 === 1 ? this.contenders : this.contenders.toReversed()
    for (const kind of order) {
      this.tell(`round ${this.record.round}: ${part}, ${kind.name}`)
      try {
        await this.withServer(kind, measure)
      } catch (error) {
        if (error instanceof ServerStartError) this.contenders = this.contenders.filter((other) => other !== kind)
        this.note(`${part}, ${kind.name}: ${messageOf(error)}`)
      }
    }
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

  /** Ends the apps. */
  async close(): Promise<void> {
    for (const app of this.apps.values()) await stopChild((await app).child)
  }

  private async withServer(kind: ServerKind, measure: (server: RunningServer) => Promise<void>): Promise<void> {
    const server = await startServer(kind, this.port)
    try {
      this.record.add('boot', kind.name, server.bootMs)
      this.record.add('sync', kind.name, syncMs())
      await measure(server)
    } catch (error) {
      throw new Error(`${messageOf(error)}; the server ${server.lastWords()}`, { cause: error })
    } finally {
      await server.stop()
    }
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
