// Opening: the schema, several servers at once, what is refused.
import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { START } from '../conformance/rows.ts'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { MIGRATIONS as SQLITE_MIGRATIONS } from '../sqlite/migrations/index.ts'
import { Connection, statement } from './connection.ts'
import { openPostgres, type PostgresDatabase, type PostgresOptions } from './index.ts'
import { LOCK_MIGRATION, lockSpace } from './locks.ts'
import { embedMigrations } from './migrations/embed.ts'
import { MIGRATIONS } from './migrations/index.ts'

const DAY_MS = 24 * 60 * 60 * 1000

let url = ''
const opened: PostgresDatabase[] = []

beforeAll(async () => {
  url = (await sharedServer()).url
}, 60_000)

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
})

async function open(options: Omit<PostgresOptions, 'url'>): Promise<PostgresDatabase> {
  const database = await openPostgres({ url, ...options })
  opened.push(database)
  return database
}

/** A clock that stands still. */
function at(time: number): Pick<PostgresOptions, 'now' | 'monotonic'> {
  return { now: () => time, monotonic: () => 0 }
}

async function sql(schema: string, text: string): Promise<void> {
  const connection = await Connection.open({ url, schema, settings: {} })
  await connection.run(text)
  await connection.end()
}

async function ask<Cells extends readonly unknown[]>(schema: string, text: string): Promise<Cells[]> {
  const connection = await Connection.open({ url, schema, settings: {} })
  const rows = await connection.ask(statement<Cells>('ask', text))
  await connection.end()
  return rows
}

describe('opening', () => {
  test('servers that start at once on an empty database all open, and migrate once', async () => {
    const schema = uniqueSchema()
    const databases = await Promise.all([1, 2, 3, 4].map(() => open({ schema })))
    expect(new Set(databases.map(({ process }) => process)).size).toBe(4)
    const applied = MIGRATIONS.map(({ number, name }) => [number, name])
    expect(await ask(schema, 'SELECT number, name FROM migrations ORDER BY number')).toEqual(applied)
    expect(await ask(schema, 'SELECT count(*) FROM processes')).toEqual([[4]])
  })

  test('a start does not wait for ever for a server that changes the schema', async () => {
    const schema = uniqueSchema()
    await open({ schema })
    const other = await Connection.open({ url, schema, settings: {} })
    await other.ask(LOCK_MIGRATION, [lockSpace(schema)])
    const refused = { code: 'storage_locked', message: expect.stringContaining('for 0.1 s') }
    await expect(open({ schema, migrationWaitMs: 100 })).rejects.toMatchObject(refused)
    await other.end()
    await open({ schema, migrationWaitMs: 10_000 })
  })

  test('a schema newer than this server is refused and left alone', async () => {
    const schema = uniqueSchema()
    await open({ schema })
    await sql(schema, "INSERT INTO migrations (number, name) VALUES (9, '0009-future')")
    await expect(open({ schema })).rejects.toMatchObject({ code: 'storage_newer' })
  })

  test('a step that fails leaves nothing behind, and the next start goes on from there', async () => {
    const schema = uniqueSchema()
    const number = MIGRATIONS.length + 1
    const applied = MIGRATIONS.map((migration) => [migration.number])
    const bad = { number, name: 'bad', sql: 'CREATE TABLE half (n int); SELECT no_such_function()' }
    await expect(open({ schema, migrations: [...MIGRATIONS, bad] })).rejects.toThrow('no_such_function')
    expect(await ask(schema, 'SELECT number FROM migrations ORDER BY number')).toEqual(applied)
    expect(await ask(schema, "SELECT to_regclass('half')")).toEqual([[null]])
    const good = { ...bad, sql: 'CREATE TABLE half (n int)' }
    await open({ schema, migrations: [...MIGRATIONS, good] })
    expect(await ask(schema, 'SELECT number FROM migrations ORDER BY number')).toEqual([...applied, [number]])
  })

  test('a schema with tables of another program is refused', async () => {
    const schema = uniqueSchema()
    await sql(schema, `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.runs (id int)`)
    await expect(open({ schema })).rejects.toMatchObject({ code: 'storage_damaged' })
  })

  test('names of schemas are names, whatever is in them', async () => {
    const schema = `${uniqueSchema()} "x'; DROP`
    const database = await open({ schema })
    expect((await database.state.registry()).version).toBe(1)
  })

  test('two stores of one database know nothing of each other', async () => {
    const [a, b] = [await open({ schema: uniqueSchema() }), await open({ schema: uniqueSchema() })]
    await a.begin({ registry: true, waitingFor: ['n'], signals: ['s'] }, [], [])
    await b.begin({ registry: true, waitingFor: ['n'], signals: ['s'] }, [], [])
    await a.rollback()
    await b.rollback()
  })

  test('a clock that is a day behind the newest time in the store stops the start', async () => {
    const schema = uniqueSchema()
    const first = await open({ schema, ...at(START + 2 * DAY_MS) })
    await first.close()
    await expect(open({ schema, ...at(START) })).rejects.toMatchObject({ code: 'clock_behind' })
    const later = await open({ schema, ...at(START + DAY_MS + 1) })
    expect(later.now?.()).toBe(START + 2 * DAY_MS)
  })

  test('a process that died keeps time from going back, too', async () => {
    const schema = uniqueSchema()
    const first = await open({ schema, ...at(START + 60_000) })
    const write = { fence: null, rev: null, changes: [{ put: 'waitPath', name: 'a', path: '' } as const] }
    await first.finish({ number: 1, writes: [write] })
    const second = await open({ schema, ...at(START) })
    expect((await second.state.clock()).now).toBe(START + 60_000)
  })

  test('the database’s clock is the store’s', async () => {
    const database = await open({ schema: uniqueSchema() })
    const [[now = 0] = []] = await ask<[number]>(
      'public',
      'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::int8',
    )
    const { now: told } = await database.state.clock()
    expect(Math.abs(told - now)).toBeLessThan(5_000)
    expect((await database.begin({}, [], [])).now).toBeGreaterThanOrEqual(told)
    await database.rollback()
  })

  test('settings that may cost the store are told', async () => {
    const told: string[] = []
    await open({ schema: uniqueSchema(), warn: (message) => told.push(message) })
    expect(told.map((message) => message.split(' ')[3])).toEqual(['fsync', 'full_page_writes'])
  })

  test('what is closed answers nothing more, and can be closed again', async () => {
    const database = await open({ schema: uniqueSchema() })
    await database.begin({}, [], [])
    await database.close()
    await database.close()
    const closed = { code: 'storage_closed' }
    await expect(database.begin({}, [], [])).rejects.toMatchObject(closed)
    await expect(database.state.nextDue()).rejects.toMatchObject(closed)
    await expect(database.shared.heartbeat()).rejects.toMatchObject(closed)
    await expect(database.lists.apps()).rejects.toMatchObject(closed)
  })

  test('where nobody is there it says so', async () => {
    await expect(openPostgres({ url: 'postgres://pawl@127.0.0.1:1/postgres' })).rejects.toMatchObject({
      code: 'storage_error',
    })
  })
})

describe('the migrations', () => {
  test('have the numbers and names of those of the other database', () => {
    expect(MIGRATIONS.map(({ number, name }) => [number, name])).toEqual(
      SQLITE_MIGRATIONS.map(({ number, name }) => [number, name]),
    )
  })

  test('are in the program as they are in the files', () => {
    expect(readFileSync(new URL('./migrations/index.ts', import.meta.url), 'utf8')).toBe(embedMigrations())
  })
})
