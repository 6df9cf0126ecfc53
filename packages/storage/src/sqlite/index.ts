// The door of the SQLite database: the embedded default, for one server on one machine.
export { openSqlite, type SqliteOptions } from './open.ts'
