// Sorts PostgreSQL's errors: those of the server or the disk fail a whole group at once, those of a conflict are tried
// again, those of a lost connection leave open what became of a commit; all others are about a statement, and the
// operation they belong to is looked for.
import { StorageError } from '../errors.ts'

/** SQLSTATEs, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SERIALIZATION_FAILURE = '40001'
const DEADLOCK = '40P01'
const LOCK_TIMEOUT = '55P03'
/** After an error nothing is done until the transaction ends: the error before this one tells. */
const IN_FAILED_TRANSACTION = '25P02'
const DISK_FULL = '53100'
/** Of our own: a change does not fit what is stored; the connection was given up. */
export const MISFIT = 'PW001'
export const GIVEN_UP = 'PW002'

const CONFLICTS: ReadonlySet<string> = new Set([SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT])
/** Shutdown, crash of another backend, starting up, database dropped, idle in a transaction for too long, read-only. */
const LOST: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '25P04', '25006'])
/** Classes: resources, intervention, I/O, broken files. */
const STORE = /^(53|57|58|XX|F0)/
const DAMAGED: ReadonlySet<string> = new Set(['XX001', 'XX002'])

/** Thrown when the connection is gone: nobody here knows what became of what was sent on it. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'

  constructor(cause: unknown) {
    super(`The connection to PostgreSQL was lost: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Thrown where a change met a row that it cannot be about: the operation is wrong, not the store. */
export function misfit(what: string): Error {
  return new Error(`A change does not fit what is stored: ${what}`)
}

/** The SQLSTATE of an error that the server sent. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined
}

/** Whether the same may go well when it is tried again. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(sqlState(error) ?? '')
}

export function isConsequence(error: unknown): boolean {
  return sqlState(error) === IN_FAILED_TRANSACTION
}

/** What the driver rejects with, as what the rest of the folder tells apart. */
export function toError(error: unknown): unknown {
  if (error instanceof StorageError || error instanceof ConnectionLost) return error
  const state = sqlState(error)
  if (state === undefined || LOST.has(state) || isConnectionClass(state) || state === GIVEN_UP) {
    return new ConnectionLost(error)
  }
  return state === MISFIT ? misfit((error as Error).message) : error
}

/** Class 08, but for a protocol violation: that is a mistake of ours. */
function isConnectionClass(state: string): boolean {
  return state.startsWith('08') && state !== '08P01'
}

/** What leaves the folder: a StorageError for what is about the server, anything else as it is. */
export function toStorageError(error: unknown): unknown {
  if (error instanceof ConnectionLost) return new StorageError('storage_error', error.message, { cause: error })
  const state = sqlState(error)
  if (state === undefined) return error
  const message = `PostgreSQL: ${(error as Error).message} (${state})`
  if (state === DISK_FULL) return new StorageError('storage_full', message, { cause: error })
  if (DAMAGED.has(state)) return new StorageError('storage_damaged', message, { cause: error })
  if (isConflict(error)) return new StorageError('storage_conflict', message, { cause: error })
  if (STORE.test(state)) return new StorageError('storage_error', message, { cause: error })
  return error
}
