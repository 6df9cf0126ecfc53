// What can go wrong in the store. The code is the identity; the HTTP surface renders it by its own table.

/**
 * - `storage_full`, `storage_error`: nothing of the group was written; try again later.
 * - `storage_conflict`: nothing was written, for other servers held what it needs again and again; try again at once.
 * - `outcome_unknown`: the commit's answer was lost and the store cannot be asked.
 * - `storage_locked`: another server holds the file. `storage_newer`: its schema is newer than this server.
 * - `storage_damaged`: the file is not sound. `storage_closed`: the store was closed.
 * - `clock_behind`: the wall clock is more than a day before the newest time in the store.
 */
export type StorageErrorCode =
  | 'storage_full'
  | 'storage_error'
  | 'storage_conflict'
  | 'outcome_unknown'
  | 'storage_locked'
  | 'storage_newer'
  | 'storage_damaged'
  | 'storage_closed'
  | 'clock_behind'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
  }
}
