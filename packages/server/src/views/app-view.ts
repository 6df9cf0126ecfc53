// Apps as `/v2` shows them.
import type { AppRow } from '@pawl/storage'
import { z } from 'zod'
import { instant, optionalInstant } from './instant.ts'
import { Pause, pauseOf } from './pause-view.ts'
import { withoutUserInfo } from './without-user-info.ts'

/** An app on `/v2`. */
export const AppV2 = z
  .object({
    id: z.string(),
    name: z.string(),
    method: z.enum(['SERVE', 'CONNECT', 'API']),
    appVersion: z.string().optional(),
    createdAt: z.string(),
    isArchived: z.literal(true).optional(),
    archivedAt: z.string().optional(),
    isPaused: z.literal(true).optional(),
    pause: Pause.optional(),
    functionCount: z.int().optional(),
    latestSync: z
      .object({
        status: z.enum(['success', 'duplicate', 'error', 'pending']),
        syncedAt: z.string().optional(),
        sdkLanguage: z.string().optional(),
        sdkVersion: z.string().optional(),
        framework: z.string().optional(),
        url: z.string().optional(),
        error: z.string().optional(),
        appVersion: z.string().optional(),
      })
      .optional(),
    unreachableSince: z.string().optional().meta({ description: 'Every call since then failed to reach the app.' }),
  })
  .meta({ id: 'AppV2' })

export interface AppFacts {
  readonly functionCount: number
  readonly unreachableSince: number | null
}

export function appV2(app: AppRow, { functionCount, unreachableSince }: AppFacts): unknown {
  return {
    id: app.name,
    name: app.name,
    method: app.url.startsWith('ws') ? 'CONNECT' : 'SERVE',
    appVersion: some(app.appVersion),
    createdAt: instant(app.createdAt),
    isArchived: app.archivedAt === null ? undefined : true,
    archivedAt: optionalInstant(app.archivedAt),
    isPaused: app.pause === null ? undefined : true,
    pause: pauseOf({ app }),
    functionCount: functionCount === 0 ? undefined : functionCount,
    latestSync: {
      status: app.errorCode !== null ? 'error' : app.syncedAt === null ? 'pending' : 'success',
      syncedAt: optionalInstant(app.syncedAt),
      sdkLanguage: some(app.sdkLanguage),
      sdkVersion: some(app.sdkVersion),
      framework: some(app.framework),
      url: some(withoutUserInfo(app.url)),
      error: app.errorCode === null ? undefined : (some(withoutUserInfo(app.errorMessage ?? '')) ?? app.errorCode),
      appVersion: some(app.appVersion),
    },
    unreachableSince: optionalInstant(unreachableSince),
  }
}

function some(text: string): string | undefined {
  return text === '' ? undefined : text
}
