// The door of the database on PostgreSQL.
export type { PostgresDatabase } from './database.ts'
export { openPostgres, type PostgresOptions } from './open.ts'
