// The history of apps: each answer to "which functions do you serve?", and what each function's configuration was from when
// on. Nothing is decided by them.
import type { FunctionVersionRow, SyncRow } from '../contract/rows.ts'
import type { ColumnValue } from './arrays.ts'
import { type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { putOne } from './registry-table.ts'

const SYNC: Columns<SyncRow> = columns({
  key: ['int8', (row) => row.key],
  app: ['int8', (row) => row.app],
  at: ['int8', (row) => row.at],
  status: ['text', (row) => row.status],
  error_code: ['text', (row) => row.errorCode],
  error_message: ['text', (row) => row.errorMessage],
  function_count: ['int8', (row) => row.functionCount],
  sdk_version: ['text', (row) => row.sdkVersion],
  app_version: ['text', (row) => row.appVersion],
  detail: ['text', (row) => row.detail],
})

const VERSION: Columns<FunctionVersionRow> = columns({
  fn: ['int8', (row) => row.fn],
  version: ['int8', (row) => row.version],
  at: ['int8', (row) => row.at],
  config: ['text', (row) => row.config],
})

export const SYNC_COLUMNS = list(SYNC)

export type SyncCells = [
  key: number,
  app: number,
  at: number,
  status: SyncRow['status'],
  errorCode: string | null,
  errorMessage: string | null,
  functionCount: number,
  sdkVersion: string,
  appVersion: string,
  detail: string | null,
]

export const PUT_SYNC = putOne('syncs', SYNC)
export const PUT_FUNCTION_VERSION = putOne('function_versions', VERSION)
/** `$1`: of those from before. */
export const END_SYNCS = statement('end_syncs', 'DELETE FROM syncs WHERE at < $1')

export const syncValues = (row: SyncRow): readonly ColumnValue[] => SYNC.map(({ value }) => value(row))
export const functionVersionValues = (row: FunctionVersionRow): readonly ColumnValue[] =>
  VERSION.map(({ value }) => value(row))

export function toSync(cells: SyncCells): SyncRow {
  return {
    key: cells[0],
    app: cells[1],
    at: cells[2],
    status: cells[3],
    errorCode: cells[4],
    errorMessage: cells[5],
    functionCount: cells[6],
    sdkVersion: cells[7],
    appVersion: cells[8],
    detail: cells[9],
  }
}
