// The door of the SQLite database: the embedded default, for one server on one machine.
export { openSqlite, type SqliteConnection, type SqliteFile, type SqliteOptions, type SqliteSettings } from './open.ts'
