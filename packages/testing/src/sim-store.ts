// The store of a world, which outlives the servers that work on it: a SQLite file for one server at a time, or the model of
// a database server for several.
import type { Database } from '@pawl/storage'
import type { Life } from './life.ts'
import type { FaultKind, Point } from './points.ts'
import type { StoreView } from './store-scan.ts'

export interface SimStore {
  /** Opens it for one server process, with the simulated weather between. */
  open(process: ProcessEnd): Promise<Database>
  /** What the death of the process leaves. */
  die(database: Database): Promise<void>
  /** A database server stops and comes back; nothing where there is none. */
  restart(downMs: number): void
  /** What it holds, for comparison; null while it cannot be looked at. */
  view(): StoreView | null
  /** The world is over. */
  remove(): void
}

/** The end of a server process that opens the store. */
export interface ProcessEnd {
  readonly life: Life
  /** The machine's own clock, epoch milliseconds. */
  readonly wall: () => number
  /** The process dies, pauses or loses what it asked for at a named point. */
  readonly pass: (point: Point) => FaultKind | null
}
