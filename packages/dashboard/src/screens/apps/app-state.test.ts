import { describe, expect, test } from 'vitest'
import type { App } from '../../api/index.ts'
import { functionIdOf, reachOf, sdkText } from './app-state.ts'

const app: App = {
  id: 'shop',
  name: 'shop',
  method: 'SERVE',
  createdAt: '2026-11-01T00:00:00Z',
  latestSync: { status: 'success', sdkLanguage: 'js', sdkVersion: '4.1.0' },
}

describe('the state of an app', () => {
  test('is reachable while its last sync worked and no call failed', () => {
    expect(reachOf(app)).toEqual({ kind: 'completed', word: 'Reachable', isBad: false })
  })

  test('names the cause of a sync that failed', () => {
    const latestSync = { status: 'error', error: 'The app at http://x/api cannot be reached: refused.' } as const
    expect(reachOf({ ...app, latestSync })).toMatchObject({
      word: 'Sync failed',
      cause: 'Cannot be reached: refused.',
      isBad: true,
    })
  })

  test('is unreachable since the first of the calls that failed, whatever its last sync said', () => {
    expect(reachOf({ ...app, unreachableSince: '2026-11-24T10:00:00Z' })).toEqual({
      kind: 'failed',
      word: 'Unreachable',
      since: '2026-11-24T10:00:00Z',
      isBad: true,
    })
  })

  test('of an archived app is that', () => {
    expect(reachOf({ ...app, isArchived: true, unreachableSince: '2026-11-24T10:00:00Z' })).toMatchObject({
      word: 'Archived',
      isBad: false,
    })
  })

  test('has the SDK by the language’s usual name', () => {
    expect(sdkText(app.latestSync)).toBe('TypeScript 4.1.0')
    expect(sdkText({ status: 'success', sdkLanguage: 'rust' })).toBe('rust')
    expect(sdkText(undefined)).toBeUndefined()
  })

  test('names a function within its app', () => {
    expect([functionIdOf('shop-import', 'shop'), functionIdOf('other-import', 'shop')]).toEqual([
      'import',
      'other-import',
    ])
  })
})
