// The disk of a world: one store on a file, in memory where the machine has a file system there. It outlives servers, as
// a disk does: a server that dies leaves what had committed, and the next one opens the same file with the product's own
// open, which voids the dead one's leases.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Database } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import { WORLD_BEGIN } from './virtual-clock.ts'

/** Memory that looks like files, on Linux. */
const MEMORY = '/dev/shm'

interface Times {
  readonly now: () => number
  readonly monotonic: () => number
}

/** A folder for the stores of many worlds, one after the other, with an empty store to begin each with. */
export class DiskFolder {
  readonly #folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'pawl-sim-'))
  #count = 0
  #isTemplateMade = false

  async newDisk(): Promise<Disk> {
    const template = join(this.#folder, 'empty.db')
    if (!this.#isTemplateMade) {
      const database = await openSqlite({ path: template, now: () => WORLD_BEGIN, monotonic: () => 0 })
      await database.close()
      this.#isTemplateMade = true
    }
    const path = join(this.#folder, `${this.#count++}.db`)
    copyFileSync(template, path)
    return new Disk(path)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export class Disk {
  #path: string
  #copies = 0
  #reader: DatabaseSync | null = null

  constructor(path: string) {
    this.#path = path
  }

  /** Opens the store as a server does at its start. */
  open(times: Times): Promise<Database> {
    return openSqlite({ path: this.#path, durability: 'relaxed', ...times })
  }

  /**
   * What the death of a process leaves: its handle is gone, and with it a transaction that it had open. Closing the handle
   * leaves the same but for the process's row, which only makes the next open look through the whole file in a thread of
   * its own; `abrupt` leaves that too, for a few.
   */
  async die(database: Database, abrupt: boolean): Promise<void> {
    if (abrupt) {
      const copy = `${this.#path}.${++this.#copies}`
      copyFileSync(this.#path, copy)
      if (existsSync(`${this.#path}-wal`)) copyFileSync(`${this.#path}-wal`, `${copy}-wal`)
      await database.close()
      this.#forget()
      this.#path = copy
    } else await database.close()
  }

  /** A connection that only reads, beside the server's: what it sees has committed. */
  reader(): DatabaseSync {
    this.#reader ??= new DatabaseSync(this.#path, { readOnly: true })
    return this.#reader
  }

  remove(): void {
    this.#forget()
    for (let number = 0; number <= this.#copies; number++) {
      const path = number === 0 ? this.#path.replace(/\.\d+$/, '') : `${this.#path.replace(/\.\d+$/, '')}.${number}`
      for (const ending of ['', '-wal', '-shm', '.lock']) rmSync(`${path}${ending}`, { force: true })
    }
  }

  #forget(): void {
    this.#reader?.close()
    this.#reader = null
  }
}
