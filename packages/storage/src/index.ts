// The door of storage: the contract, the writer and its errors. The databases have doors of their own.
export type { Change } from './contract/changes.ts'
export type * from './contract/database.ts'
export type * from './contract/lists.ts'
export type * from './contract/rows.ts'
export type * from './contract/store.ts'
export { StorageError, type StorageErrorCode } from './errors.ts'
export { createStore, type StoreOptions } from './writer.ts'
