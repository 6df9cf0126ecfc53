// What goes to the server comes back as it was, and a session is set up whatever the database's own settings are.
import { beforeAll, describe, expect, test } from 'vitest'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { type ColumnType, type ColumnValue, encodeArray } from './arrays.ts'
import { BEGIN, COMMIT, Connection, ROLLBACK, statement } from './connection.ts'
import { ConnectionLost } from './postgres-errors.ts'

let url = ''

beforeAll(async () => {
  url = (await sharedServer()).url
}, 60_000)

async function withConnection<R>(run: (connection: Connection) => Promise<R>): Promise<R> {
  const connection = await Connection.open({ url, schema: 'public', settings: {} })
  try {
    return await run(connection)
  } finally {
    await connection.end()
  }
}

describe('arrays', () => {
  test.each<[ColumnType, readonly ColumnValue[]]>([
    ['int8', [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null]],
    ['int4', [0, 2 ** 31 - 1, -(2 ** 31), null]],
    ['bool', [true, false, null]],
    ['text', ['', 'a', 'é😀', '{"quoted\\" , {}', 'NULL', null, 'a\0b', '\ue000', '\ue0000\0\ue000', '\u0001']],
    ['text', []],
    ['int8', []],
  ])('%s go to the server and come back', async (type, values) => {
    const query = statement<[ColumnValue]>('echo', `SELECT v FROM unnest($1::${type}[]) AS u (v)`)
    const rows = await withConnection((connection) => connection.ask(query, [encodeArray(type, values)]))
    expect(rows.map(([value]) => value)).toEqual(values)
  })

  test('bytes go as hex digits', async () => {
    const hex = ['00ff10', '', '0123456789abcdef0123456789abcdef01234567']
    const query = statement<[string]>('hex', "SELECT encode(v, 'hex') FROM unnest($1::bytea[]) AS u (v)")
    const rows = await withConnection((connection) => connection.ask(query, [encodeArray('bytea', hex)]))
    expect(rows.map(([value]) => value)).toEqual(hex)
  })

  test('a number that is no integer is refused', () => {
    expect(() => encodeArray('int8', [1.5])).toThrow('1.5 is no integer')
    expect(() => encodeArray('int4', [Number.NaN])).toThrow(RangeError)
  })
})

describe('a connection', () => {
  test('a text with the character that the database does not have comes back, as a parameter too', async () => {
    const query = statement<[string]>('text', 'SELECT $1::text')
    expect(await withConnection((connection) => connection.ask(query, ['a\0b']))).toEqual([['a\0b']])
  })

  test('what is sent together is executed in order, each statement seeing those before it', async () => {
    await withConnection(async (connection) => {
      await connection.run('CREATE TEMP TABLE t (n int)')
      const flight = connection.flight()
      flight.ask(BEGIN)
      flight.ask(statement('put', 'INSERT INTO t VALUES ($1)'), [7])
      const seen = flight.ask(statement<[number]>('see', 'SELECT n FROM t'))
      const ended = flight.ask(COMMIT)
      await flight.land()
      expect([await seen, await ended]).toEqual([[[7]], [['COMMIT']]])
    })
  })

  test('a flight fails with its first error, and a commit after one takes everything back', async () => {
    await withConnection(async (connection) => {
      await connection.run('CREATE TEMP TABLE t (n int PRIMARY KEY)')
      const flight = connection.flight()
      flight.ask(BEGIN)
      flight.ask(statement('put', 'INSERT INTO t VALUES (1)'))
      flight.ask(statement('put_again', 'INSERT INTO t VALUES (1)'))
      flight.ask(statement('see', 'SELECT n FROM t'))
      const ended = flight.ask(COMMIT)
      await expect(flight.land()).rejects.toMatchObject({ code: '23505' })
      expect(await ended).toEqual([['ROLLBACK']])
      expect(await connection.ask(ROLLBACK)).toEqual([['ROLLBACK']])
      expect(await connection.ask(statement('count', 'SELECT count(*) FROM t'))).toEqual([[0]])
    })
  })

  test('a commit waits for the disk whatever the database says', async () => {
    const name = uniqueSchema()
    await withConnection(async (connection) => {
      await connection.run(`CREATE DATABASE ${name}`)
      await connection.run(`ALTER DATABASE ${name} SET synchronous_commit = off`)
    })
    const other = new URL(url)
    other.pathname = name
    const connection = await Connection.open({ url: other.href, schema: 'x', settings: { lock_timeout: '1000' } })
    const query = statement(
      'settings',
      "SELECT current_setting('synchronous_commit'), current_setting('lock_timeout'), current_setting('search_path')",
    )
    expect(await connection.ask(query)).toEqual([['on', '1s', 'x']])
    await connection.end()
  })

  test('after its end nothing is asked on it any more', async () => {
    const connection = await Connection.open({ url, schema: 'public', settings: {} })
    await connection.end()
    expect(connection.isLost).toBe(true)
    await expect(connection.ask(BEGIN)).rejects.toBeInstanceOf(ConnectionLost)
  })

  test('who refuses it says why; where nobody is there is none', async () => {
    const unknown = new URL(url)
    unknown.pathname = 'no_such_database'
    await expect(Connection.open({ url: unknown.href, schema: 'x', settings: {} })).rejects.toMatchObject({
      code: 'storage_error',
      message: expect.stringContaining('no_such_database'),
    })
    const nowhere = 'postgres://pawl@127.0.0.1:1/postgres'
    await expect(Connection.open({ url: nowhere, schema: 'x', settings: {} })).rejects.toBeInstanceOf(ConnectionLost)
  })
})
