// Keeps a second server off a file. A second small SQLite file carries pid and start time; a transaction on it is held
// for life, so the lock is one of the operating system and dies with its holder, however that one ends.
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StorageError } from '../errors.ts'
import { isBusy, toStorageError } from './sqlite-errors.ts'

/** The lock on a store's file. */
export interface FileLock {
  release(): void
}

/**
 * Takes the lock of the store at `path`, in the file `<path>.lock`.
 *
 * @throws StorageError `storage_locked`, with the holder's pid and start time.
 */
export function takeLock(path: string, now: number): FileLock {
  const file = `${path}.lock`
  try {
    return hold(file, path, now)
  } catch (error) {
    // A loss of power may leave a lock that cannot be read. Nobody holds it then: whoever did died with the machine.
    if (!(error instanceof StorageError) || error.code !== 'storage_damaged') throw error
    rmSync(file)
    return hold(file, path, now)
  }
}

function hold(file: string, path: string, now: number): FileLock {
  const db = new DatabaseSync(file, { timeout: 200 })
  try {
    // The lock is the transaction, not what is written, so nothing in here waits for the disk.
    db.exec('PRAGMA synchronous = OFF')
    db.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, started_at INTEGER NOT NULL) STRICT')
    db.exec('BEGIN IMMEDIATE')
    db.exec('DELETE FROM holder')
    db.prepare('INSERT INTO holder VALUES (?, ?)').run(process.pid, now)
    db.exec('COMMIT')
    // Held with nothing written: others may read who the holder is, and nobody else can begin.
    db.exec('BEGIN IMMEDIATE')
  } catch (error) {
    const holder = isBusy(error) ? readHolder(db) : undefined
    db.close()
    if (!isBusy(error)) throw toStorageError(error)
    const message = `The store ${path} is in use by ${holder ?? 'another process'}.`
    throw new StorageError('storage_locked', message, { cause: error })
  }
  return { release: () => db.close() }
}

function readHolder(db: DatabaseSync): string | undefined {
  try {
    const row = db.prepare('SELECT pid, started_at FROM holder').get()
    if (row === undefined) return undefined
    return `process ${row.pid}, which started at ${new Date(Number(row.started_at)).toISOString()}`
  } catch {
    // The holder is just writing its name.
    return undefined
  }
}
