// What is written for people alone and decides nothing: effects of events on runs, syncs of apps, versions of functions.
import type { DatabaseSync } from 'node:sqlite'
import type { EffectRow, FunctionVersionRow, SyncRow } from '../contract/rows.ts'
import { insert } from './statement.ts'

export type RecordTable = ReturnType<typeof openRecordTable>

export function openRecordTable(db: DatabaseSync) {
  // An event may resume two steps of one run.
  const putEffect = insert(db, 'effects', 'event, run, how', 'ON CONFLICT DO NOTHING')
  const putSync = insert(
    db,
    'syncs',
    'key, app, at, status, error_code, error_message, function_count, sdk_version, app_version, detail',
  )
  const putVersion = insert(db, 'function_versions', 'fn, version, at, config')

  return {
    putEffect({ event, run, how }: EffectRow): void {
      putEffect.run(event, run, how)
    },
    putSync(row: SyncRow): void {
      const { key, app, at, status, errorCode, errorMessage, functionCount, sdkVersion, appVersion, detail } = row
      putSync.run(key, app, at, status, errorCode, errorMessage, functionCount, sdkVersion, appVersion, detail)
    },
    putVersion({ fn, version, at, config }: FunctionVersionRow): void {
      putVersion.run(fn, version, at, config)
    },
  }
}
