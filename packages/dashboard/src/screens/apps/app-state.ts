// What an app's row says in one word: reachable or not, and why in plain words. Pure; also used by the app's own page.

import type { App } from '../../api/index.ts'
import type { StatusKind } from '../../ui/status-kinds.ts'
import { messages } from './messages.ts'

export interface Reach {
  readonly kind: StatusKind
  readonly word: string
  /** In plain words, where it is known. */
  readonly cause?: string
  readonly since?: string
  readonly isBad: boolean
}

/** Whether the app can be reached, as far as the server's own calls tell. A test tells more. */
export function reachOf({ isArchived, archivedAt, unreachableSince, latestSync }: App): Reach {
  const { reach } = messages
  const cause = latestSync?.error === undefined ? {} : { cause: shortCause(latestSync.error) }
  if (isArchived) {
    const since = archivedAt === undefined ? {} : { since: archivedAt }
    return { kind: 'cancelled', word: reach.archived, isBad: false, ...since }
  }
  if (unreachableSince !== undefined) {
    return { kind: 'failed', word: reach.unreachable, since: unreachableSince, isBad: true, ...cause }
  }
  if (latestSync?.status === 'error') return { kind: 'failed', word: reach.error, isBad: true, ...cause }
  if (latestSync === undefined || latestSync.status === 'pending') {
    return { kind: 'waiting', word: reach.pending, isBad: false }
  }
  return { kind: 'completed', word: reach.ok, isBad: false }
}

/** Without the app and its URL in front, which stand beside it wherever it is shown. */
function shortCause(error: string): string {
  const rest = error.replace(/^The app at \S+ /, '')
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}

/** `TypeScript 4.1.0`. */
export function sdkText(sync: App['latestSync']): string | undefined {
  const { sdkLanguage, sdkVersion } = sync ?? {}
  if (sdkLanguage === undefined) return sdkVersion
  return [languageName(sdkLanguage), sdkVersion].filter(Boolean).join(' ')
}

/** A language by its usual name. */
export function languageName(language: string): string {
  const { languages } = messages
  return Object.entries(languages).find(([short]) => short === language)?.[1] ?? language
}

/** A function's id within its app, from its slug. */
export function functionIdOf(slug: string, appId: string): string {
  return slug.startsWith(`${appId}-`) ? slug.slice(appId.length + 1) : slug
}
