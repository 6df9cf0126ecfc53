// Apps, functions and the paths that waits compare: small tables that the engine holds in memory by their version.
import type { DatabaseSync } from 'node:sqlite'
import type { AppRow, FunctionRow } from '../contract/rows.ts'
import { assignments, insert, misfit, query } from './statement.ts'

const APP =
  'key, name, url, sdk_language, sdk_version, framework, platform, app_version, checksum, error_code, error_message, ' +
  'created_at, synced_at, archived_at, pause'
const FUNCTION = 'key, app, slug, name, config, version, steps_max, state_bytes_max, created_at, archived_at, pause'

type AppCells = [
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

type FunctionCells = [
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

export type RegistryTable = ReturnType<typeof openRegistryTable>

export function openRegistryTable(db: DatabaseSync) {
  const putApp = insert(db, 'apps', APP)
  const setApp = db.prepare(`UPDATE apps SET ${assignments(APP)} WHERE key = ?`)
  const putFunction = insert(db, 'functions', FUNCTION)
  const setFunction = db.prepare(`UPDATE functions SET ${assignments(FUNCTION)} WHERE key = ?`)
  const putPath = insert(db, 'wait_paths', 'name, path', 'ON CONFLICT DO NOTHING')
  const apps = query<AppCells>(db, `SELECT ${APP} FROM apps ORDER BY key`)
  const functions = query<FunctionCells>(db, `SELECT ${FUNCTION} FROM functions ORDER BY key`)
  const paths = query<[string, string]>(db, 'SELECT name, path FROM wait_paths ORDER BY name, path')

  return {
    putApp(row: AppRow): void {
      putApp.run(...appCells(row))
    },
    setApp(row: AppRow): void {
      if (setApp.run(...appCells(row), row.key).changes !== 1) throw misfit(`there is no app ${row.key}`)
    },
    putFunction(row: FunctionRow): void {
      putFunction.run(...functionCells(row))
    },
    setFunction(row: FunctionRow): void {
      if (setFunction.run(...functionCells(row), row.key).changes !== 1) throw misfit(`there is no function ${row.key}`)
    },
    putWaitPath(name: string, path: string): void {
      putPath.run(name, path)
    },
    apps(): AppRow[] {
      return apps.all().map((cells) => toApp(cells))
    },
    functions(): FunctionRow[] {
      return functions.all().map((cells) => toFunction(cells))
    },
    waitPaths(): { readonly name: string; readonly path: string }[] {
      return paths.all().map(([name, path]) => ({ name, path }))
    },
  }
}

function appCells(row: AppRow): AppCells {
  // biome-ignore format: the order of the columns
  return [
    row.key, row.name, row.url, row.sdkLanguage, row.sdkVersion, row.framework, row.platform, row.appVersion,
    row.checksum, row.errorCode, row.errorMessage, row.createdAt, row.syncedAt, row.archivedAt,
    row.pause,
  ]
}

function functionCells(row: FunctionRow): FunctionCells {
  // biome-ignore format: the order of the columns
  return [
    row.key, row.app, row.slug, row.name, row.config, row.version, row.stepsMax, row.stateBytesMax, row.createdAt,
    row.archivedAt, row.pause,
  ]
}

function toApp(cells: AppCells): AppRow {
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

function toFunction(cells: FunctionCells): FunctionRow {
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
