// What a server is made of: the engine and the list reads it stands in front of, its keys, and what the command line
// decided. Everything of the outside comes in through here.
import type { Json, RegisterRequest } from '@pawl/protocol'
import type { ListReads, Store } from '@pawl/storage'
import type { Engine } from './engine.ts'

/** A logger as pino's: fields first. It escapes values and redacts keys by name. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** What came of asking an app to sync. */
export type SyncAnswer =
  | { readonly ok: true; readonly syncId: string; readonly appName: string; readonly modified: boolean }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** What an app's address answers now. */
export interface AppProbe {
  readonly ok: boolean
  /** In order; the last one is the one that failed, if any did. */
  readonly phases: readonly {
    readonly name: 'resolve' | 'connect' | 'tls' | 'answer'
    readonly ok: boolean
    readonly ms: number
    readonly detail?: string | undefined
  }[]
  /** What is wrong in a sentence, and what to do about it. */
  readonly cause: { readonly code: string; readonly message: string; readonly hint?: string | undefined } | null
  /** What the app says that it serves; null when it cannot be asked. Nothing is registered by it. */
  readonly says: RegisterRequest | null
}

export type ServerMode = 'dev' | 'start'

export interface ServerOptions {
  readonly engine: Engine
  readonly lists: ListReads
  /** What commits, told while somebody looks at the dashboard. */
  readonly watch: Store['watch']
  /** `dev`: no keys needed. `start`: event keys and a signing key are. */
  readonly mode: ServerMode
  readonly eventKeys: readonly string[]
  readonly signingKeys: readonly string[]
  /** Of this program, as `GET /dev` and the page show it. */
  readonly version: string
  readonly log: Logger
  /** Where the state is kept. */
  readonly database: 'memory' | 'sqlite' | 'postgres'
  /** Ended runs and events are kept so long. Milliseconds. */
  readonly retentionMs: number
  /** Wall clock in epoch milliseconds: for what schedules and their clock have no say in. */
  readonly wallNow: () => number
  /** Where the built dashboard is; by default beside this program. */
  readonly dashboardFolder?: string | undefined
  /** How it was started, shown by `GET /dev`. Never holds a key. */
  readonly startOptions?: Readonly<Record<string, Json>> | undefined
  /** Asks the app at a URL to register, in band or out of band. Never rejects. */
  readonly syncApp: (url: string) => Promise<SyncAnswer>
  /** Asks the address of an app what it serves, without registering anything. Never rejects. Absent: it cannot be asked. */
  readonly testApp?: ((app: { readonly url: string; readonly name: string }) => Promise<AppProbe>) | undefined
  /** Host names that are answered besides addresses and local names. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Origins whose pages may change something, such as `https://ops.example`. */
  readonly allowedOrigins?: readonly string[] | undefined
  /** `start`: `POST /invoke/{slug}` without a key. */
  readonly openInvoke?: boolean | undefined
  /** 8 MiB; up to 16 MiB. */
  readonly eventBodyBytesMax?: number | undefined
}

export interface Server {
  /** Listens on each host. Port 0 takes a free one, the same for all hosts. @returns The port. */
  listen(at: { readonly hosts: readonly string[]; readonly port: number }): Promise<number>
  /** Refuses what is new, lets open requests end for up to `graceMs`, then closes the connections. */
  close(graceMs?: number): Promise<void>
}
