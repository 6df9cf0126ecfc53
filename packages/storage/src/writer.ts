// placeholder replaced by its owner
import type { Database } from './contract/database.ts'
import type { Store } from './contract/store.ts'

export interface StoreOptions {
  readonly database: Database
  /** When a turn is taken: `setImmediate` in the server, the simulator's own in tests. */
  readonly turn: (take: () => void) => void
}

export declare function createStore(options: StoreOptions): Store
