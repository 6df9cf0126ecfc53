// Apps, functions and the paths that waits compare: small tables that the engine holds in memory by their version.
import type { AppRow, FunctionRow } from '../contract/rows.ts'
import type { ColumnValue } from './arrays.ts'
import { type Columns, columns, list } from './columns.ts'
import { type Statement, statement } from './connection.ts'

const APP: Columns<AppRow> = columns({
  key: ['int8', (row) => row.key],
  name: ['text', (row) => row.name],
  url: ['text', (row) => row.url],
  sdk_language: ['text', (row) => row.sdkLanguage],
  sdk_version: ['text', (row) => row.sdkVersion],
  framework: ['text', (row) => row.framework],
  platform: ['text', (row) => row.platform],
  app_version: ['text', (row) => row.appVersion],
  checksum: ['text', (row) => row.checksum],
  error_code: ['text', (row) => row.errorCode],
  error_message: ['text', (row) => row.errorMessage],
  created_at: ['int8', (row) => row.createdAt],
  synced_at: ['int8', (row) => row.syncedAt],
  archived_at: ['int8', (row) => row.archivedAt],
  pause: ['text', (row) => row.pause],
})

const FUNCTION: Columns<FunctionRow> = columns({
  key: ['int8', (row) => row.key],
  app: ['int8', (row) => row.app],
  slug: ['text', (row) => row.slug],
  name: ['text', (row) => row.name],
  config: ['text', (row) => row.config],
  version: ['int8', (row) => row.version],
  steps_max: ['int8', (row) => row.stepsMax],
  state_bytes_max: ['int8', (row) => row.stateBytesMax],
  created_at: ['int8', (row) => row.createdAt],
  archived_at: ['int8', (row) => row.archivedAt],
  pause: ['text', (row) => row.pause],
})

export type AppCells = [
  key: number,
  name: string,
  url: string,
  sdkLanguage: string,
  sdkVersion: string,
  framework: string,
  platform: string,
  appVersion: string,
  checksum: string,
  errorCode: string | null,
  errorMessage: string | null,
  createdAt: number,
  syncedAt: number | null,
  archivedAt: number | null,
  pause: string | null,
]

export type FunctionCells = [
  key: number,
  app: number,
  slug: string,
  name: string,
  config: string,
  version: number,
  stepsMax: number | null,
  stateBytesMax: number | null,
  createdAt: number,
  archivedAt: number | null,
  pause: string | null,
]

export const FUNCTION_COLUMNS = list(FUNCTION)

export const APPS = statement<AppCells>('apps', `SELECT ${list(APP)} FROM apps ORDER BY key`)
export const FUNCTIONS = statement<FunctionCells>('functions', `SELECT ${FUNCTION_COLUMNS} FROM functions ORDER BY key`)
export const WAIT_PATHS = statement<[name: string, path: string]>(
  'wait_paths',
  'SELECT name, path FROM wait_paths ORDER BY name, path',
)

export const PUT_APP = putOne('apps', APP)
export const SET_APP = set('apps', APP, 'app')
export const PUT_FUNCTION = putOne('functions', FUNCTION)
export const SET_FUNCTION = set('functions', FUNCTION, 'function')
export const PUT_WAIT_PATH = statement(
  'put_wait_path',
  'INSERT INTO wait_paths (name, path) VALUES ($1, $2) ON CONFLICT DO NOTHING',
)
export const RAISE_REGISTRY = statement('raise_registry', "UPDATE meta SET value = value + $1 WHERE name = 'registry'")

export const appValues = (row: AppRow): readonly ColumnValue[] => APP.map(({ value }) => value(row))
export const functionValues = (row: FunctionRow): readonly ColumnValue[] => FUNCTION.map(({ value }) => value(row))

/** Inserts one row; its values are the columns, in order. */
export function putOne<Row>(table: string, of: Columns<Row>): Statement {
  return statement(
    `put_${table}`,
    `INSERT INTO ${table} (${list(of)}) VALUES (${of.map((_, at) => `$${at + 1}`).join(', ')})`,
  )
}

/** Refuses a row that is not there. */
function set<Row>(table: string, of: Columns<Row>, noun: string): Statement {
  const values = of.map(({ name, type }, at) => `${name} = $${at + 1}::${type}`).join(', ')
  return statement(
    `set_${table}`,
    `WITH written AS (UPDATE ${table} SET ${values} WHERE key = $1 RETURNING key)
     SELECT CASE WHEN NOT EXISTS (SELECT FROM written) THEN refuse('PW001', 'there is no ${noun} ' || $1) END`,
  )
}

export function toApp(cells: AppCells): AppRow {
  return {
    key: cells[0],
    name: cells[1],
    url: cells[2],
    sdkLanguage: cells[3],
    sdkVersion: cells[4],
    framework: cells[5],
    platform: cells[6],
    appVersion: cells[7],
    checksum: cells[8],
    errorCode: cells[9],
    errorMessage: cells[10],
    createdAt: cells[11],
    syncedAt: cells[12],
    archivedAt: cells[13],
    pause: cells[14],
  }
}

export function toFunction(cells: FunctionCells): FunctionRow {
  return {
    key: cells[0],
    app: cells[1],
    slug: cells[2],
    name: cells[3],
    config: cells[4],
    version: cells[5],
    stepsMax: cells[6],
    stateBytesMax: cells[7],
    createdAt: cells[8],
    archivedAt: cells[9],
    pause: cells[10],
  }
}
