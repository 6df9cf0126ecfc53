// The store of a world with one server: the product's own SQLite database on a file, with simulated weather above it.
import type { Database } from '@pawl/storage'
import type { BrokenGuard } from './broken-guards.ts'
import type { Disk } from './disk.ts'
import { fileView } from './file-view.ts'
import type { Random } from './random.ts'
import { type DatabaseWeather, SimDatabase } from './sim-database.ts'
import { simLists } from './sim-lists.ts'
import type { ProcessEnd, SimStore } from './sim-store.ts'
import type { StoreView } from './store-scan.ts'

export interface FileWorld {
  readonly disk: Disk
  readonly random: Random
  readonly monotonic: () => number
  readonly weather: Omit<DatabaseWeather, 'pass' | 'lists'>
  readonly brokenGuard: BrokenGuard | undefined
  /** A server has opened the store at this instant: all leases are void. */
  readonly opened: (now: number) => void
}

export class FileStore implements SimStore {
  readonly #world: FileWorld
  /** The databases below the weather, by the one that the server has. */
  readonly #inner = new WeakMap<Database, Database>()
  #view: StoreView | null = null
  #isOpen = false

  constructor(world: FileWorld) {
    this.#world = world
  }

  async open({ life, wall, pass }: ProcessEnd): Promise<Database> {
    const { disk, monotonic, opened, weather, brokenGuard } = this.#world
    const inner = await disk.open({ now: wall, monotonic })
    opened(inner.now?.() ?? 0)
    this.#isOpen = true
    const wait = (ms: number) => life.wait(ms)
    const lists = simLists(() => disk.reader())
    const below = brokenGuard?.stands === 'below' ? brokenGuard.wrap(inner, wait) : inner
    const simulated = new SimDatabase(below, life, { ...weather, pass, lists })
    const database = brokenGuard?.stands === 'above' ? brokenGuard.wrap(simulated, wait) : simulated
    this.#inner.set(database, inner)
    return database
  }

  async die(database: Database): Promise<void> {
    this.#isOpen = false
    this.#view = null
    const inner = this.#inner.get(database)
    if (inner !== undefined) await this.#world.disk.die(inner, this.#world.random.chance(0.005))
  }

  restart(): void {}

  view(): StoreView | null {
    if (!this.#isOpen) return null
    this.#view ??= fileView(this.#world.disk.reader())
    return this.#view
  }

  remove(): void {
    this.#world.disk.remove()
  }
}
