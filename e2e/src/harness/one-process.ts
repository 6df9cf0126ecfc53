/**
 * Lets both SDK lines run in one process. Each keeps its asynchronous context in one slot of the global object, under
 * the same symbol but in different shapes (a promise in version 3, a record with a promise in version 4), so that the
 * one that comes second fails. The slot is filled here, before either looks, with a value that has both shapes.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<unknown>()
const promise = Promise.resolve(storage)
const slot = Symbol.for('inngest:als')

if (!(slot in globalThis)) {
  const both = Object.assign(promise, { promise: Promise.resolve(storage), resolved: storage, isFallback: false })
  Object.defineProperty(globalThis, slot, { value: both, configurable: true, writable: true })
}
