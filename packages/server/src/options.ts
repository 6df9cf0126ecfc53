// What a server is made of: the engine and the list reads it stands in front of, its keys, and what the command line
// decided. Everything of the outside comes in through here.
import type { Json } from '@pawl/protocol'
import type { ListReads } from '@pawl/storage'
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

export type ServerMode = 'dev' | 'start'

export interface ServerOptions {
  readonly engine: Engine
  readonly lists: ListReads
  /** `dev`: no keys needed. `start`: event keys and a signing key are. */
  readonly mode: ServerMode
  readonly eventKeys: readonly string[]
  readonly signingKeys: readonly string[]
  /** Of this program, as `GET /dev` and the page show it. */
  readonly version: string
  readonly log: Logger
  /** How it was started, shown by `GET /dev`. Never holds a key. */
  readonly startOptions?: Readonly<Record<string, Json>> | undefined
  /** Asks the app at a URL to register, in band or out of band. Never rejects. */
  readonly syncApp: (url: string) => Promise<SyncAnswer>
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
