// The syncs of an app as `/v2` shows them.
import type { SyncRow } from '@pawl/storage'
import { z } from 'zod'
import { instant } from './instant.ts'
import { withoutUserInfo } from './without-user-info.ts'

const slugs = z.array(z.string()).optional().meta({ description: 'Slugs.' })

/** A sync on `/v2`. */
export const SyncV2 = z
  .object({
    at: z.string(),
    status: z.enum(['success', 'duplicate', 'error']),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    functionCount: z.int(),
    sdkVersion: z.string().optional(),
    appVersion: z.string().optional(),
    added: slugs,
    changed: slugs,
    removed: slugs,
  })
  .meta({ id: 'SyncV2' })

interface SyncDetail {
  readonly added?: readonly string[]
  readonly changed?: readonly string[]
  readonly removed?: readonly string[]
}

export function syncV2(row: SyncRow): unknown {
  const { at, status, errorCode, errorMessage, functionCount, sdkVersion, appVersion } = row
  // Written by the engine.
  const { added, changed, removed } = row.detail === null ? {} : (JSON.parse(row.detail) as SyncDetail)
  return {
    at: instant(at),
    status,
    error: errorCode === null ? undefined : { code: errorCode, message: withoutUserInfo(errorMessage ?? '') },
    functionCount,
    sdkVersion: sdkVersion === '' ? undefined : sdkVersion,
    appVersion: appVersion === '' ? undefined : appVersion,
    added: some(added),
    changed: some(changed),
    removed: some(removed),
  }
}

function some(slugs: readonly string[] | undefined): readonly string[] | undefined {
  return slugs === undefined || slugs.length === 0 ? undefined : slugs
}
