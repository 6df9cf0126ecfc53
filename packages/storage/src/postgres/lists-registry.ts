// The list reads of apps and functions, and of what they were before.
import type { ListReads } from '../contract/lists.ts'
import type { Reader } from './lists-reader.ts'
import { APPS, type AppCells, FUNCTION_COLUMNS, type FunctionCells, toApp, toFunction } from './registry-table.ts'
import { SYNC_COLUMNS, type SyncCells, toSync } from './sync-table.ts'

const FUNCTIONS_OF = `SELECT ${FUNCTION_COLUMNS} FROM functions WHERE app = ? ORDER BY key`
export const SYNCS_OF = `SELECT ${SYNC_COLUMNS} FROM syncs WHERE app = ? ORDER BY at DESC, key DESC LIMIT ?`
const VERSIONS_OF = 'SELECT fn, version, at, config FROM function_versions WHERE fn = ? ORDER BY version DESC'

export function openRegistryQueries(
  reader: Reader,
): Pick<ListReads, 'apps' | 'functions' | 'syncs' | 'functionVersions'> {
  return {
    apps: async () => (await reader.all<AppCells>(APPS.text)).map(toApp),
    functions: async (app) => (await reader.all<FunctionCells>(FUNCTIONS_OF, [app])).map(toFunction),
    syncs: async (app, limit) => (await reader.all<SyncCells>(SYNCS_OF, [app, limit])).map(toSync),
    functionVersions: async (of) => {
      const rows = await reader.all<[number, number, number, string]>(VERSIONS_OF, [of])
      return rows.map(([fn, version, at, config]) => ({ fn, version, at, config }))
    },
  }
}
