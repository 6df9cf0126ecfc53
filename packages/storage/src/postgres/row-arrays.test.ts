// Rows that go to the server as one array come back as they were.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { type Columns, columns } from './columns.ts'
import { Connection, statement } from './connection.ts'
import { encodeRowArray, type RowTypes, readRowTypes } from './row-arrays.ts'

interface Row {
  readonly big: number | null
  readonly text: string | null
  readonly flag: boolean | null
  readonly bytes: string | null
}

const COLUMNS: Columns<Row> = columns({
  big: ['int8', (row) => row.big],
  text: ['text', (row) => row.text],
  flag: ['bool', (row) => row.flag],
  bytes: ['bytea', (row) => row.bytes],
})
const ECHO = statement<[number | null, string | null, boolean | null, string | null, number]>(
  'echo_rows',
  "SELECT big, text, flag, encode(bytes, 'hex'), at FROM unnest($1::echo_rows[]) AS u",
)

let connection: Connection
let types: RowTypes

beforeAll(async () => {
  const schema = uniqueSchema()
  connection = await Connection.open({ url: (await sharedServer()).url, schema, settings: {} })
  await connection.run(`CREATE SCHEMA "${schema}"`)
  await connection.run('CREATE TYPE echo_rows AS (big bigint, text text, flag boolean, bytes bytea, at integer)')
  types = await readRowTypes(connection)
}, 60_000)

afterAll(() => connection.end())

async function echo(rows: readonly Row[]): Promise<unknown[]> {
  const placed = rows.map((row, index) => ({ at: index + 1, row }))
  return connection.ask(ECHO, [encodeRowArray(types.get('echo_rows') ?? 0, COLUMNS, placed)])
}

const LONG = 'é😀'.repeat(60_000)

describe('an array of rows', () => {
  test.each<[string, readonly Row[]]>([
    ['no row', []],
    ['a row of nothing', [{ big: null, text: null, flag: null, bytes: null }]],
    [
      'large and negative numbers',
      [2 ** 32, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER].map((big) => ({ ...anEmpty(), big })),
    ],
    ['texts that have to be kept apart', ['', 'a\0b', '\ue000', '{"(,)\\'].map((text) => ({ ...anEmpty(), text }))],
    [
      'bytes and flags',
      [
        { big: 1, text: 'x', flag: true, bytes: '00ff10' },
        { big: 2, text: 'y', flag: false, bytes: '' },
      ],
    ],
    ['texts that are longer than all before', [LONG, 'short', LONG].map((text) => ({ ...anEmpty(), text }))],
    ['many rows', Array.from({ length: 3_000 }, (_, big) => ({ ...anEmpty(), big, text: `row ${big}` }))],
  ])('%s comes back', async (_name, rows) => {
    expect(await echo(rows)).toEqual(
      rows.map(({ big, text, flag, bytes }, index) => [big, text, flag, bytes, index + 1]),
    )
  })

  test('a number that is no integer is refused', async () => {
    await expect(echo([{ ...anEmpty(), big: 1.5 }])).rejects.toThrow('1.5 is no integer')
  })
})

function anEmpty(): Row {
  return { big: null, text: null, flag: null, bytes: null }
}
