// One server for all tests that run in a process, and a schema for each of them. It is started by the first that asks and
// ends with the process.
import { startServer, type TestServer } from './start-server.ts'

let server: Promise<TestServer> | null = null
let schemas = 0

/** The server of this process; a second when it has to be started. */
export function sharedServer(): Promise<TestServer> {
  server ??= startServer()
  return server
}

/** A name that no other test of this process is given. */
export function uniqueSchema(): string {
  return `test_${++schemas}`
}
