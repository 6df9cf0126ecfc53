/**
 * The PostgreSQL of a test file: started before its tests, and ended after them.
 */
import { startServer, type TestServer } from '@pawl/storage/postgres-server'
import { afterAll, beforeAll } from 'vitest'

/** Starts PostgreSQL before the file's tests and ends it after. */
export function useDatabase(): () => TestServer {
  let database: TestServer | undefined
  beforeAll(async () => {
    database = await startServer()
  })
  afterAll(() => database?.stop())
  return () => {
    if (database === undefined) throw new Error('PostgreSQL has not been started yet')
    return database
  }
}
