import { describe, expect, test } from 'vitest'
import { AppReport } from './app-report.ts'
import { AppPoller } from './poll-apps.ts'
import type { SyncOutcome } from './sync-app.ts'

const A = 'http://localhost:3000/api/inngest'
const B = 'http://localhost:3001/api/inngest'

interface FakeApp {
  name: string
  url: string
  error: { code: string; message: string } | null
}

/** A registry that syncs like the engine: one app a name, the last URL counts. */
class World {
  readonly registry = new Map<string, FakeApp>()
  /** What each URL serves now: an app's name, or an error's code. */
  readonly urls = new Map<string, { name?: string; code?: string }>()
  readonly synced: string[] = []
  readonly noted: unknown[] = []
  readonly lines: string[] = []
  discovered: string[] | null = null
  looks = 0

  readonly pauses: boolean[] = []
  /** Called at each pause with its number, from 1. */
  onPause: (count: number) => void = () => {}

  poller(options: { sdkUrls?: string[]; poll?: boolean; registered?: boolean } = {}): AppPoller {
    const note = (_: unknown, message: string) => void this.lines.push(message)
    return new AppPoller({
      engine: {
        registry: () => ({
          apps: [...this.registry.values()].map((app) => ({
            ...app,
            id: app.name,
            unreachableSince: null,
            functions: [],
          })),
        }),
        noteAppError: async (which, error) => void this.note(which, error),
      },
      sync: (url) => this.sync(url),
      discover: this.discovered === null ? null : async () => this.look(),
      sdkUrls: options.sdkUrls ?? [],
      poll: options.poll ?? true,
      registered: options.registered ?? true,
      report: new AppReport({ info: note, warn: note }),
      pause: async (_, soon) => {
        this.onPause(this.pauses.push(soon))
      },
      failed: (error) => {
        throw error
      },
    })
  }

  private async sync(url: string): Promise<SyncOutcome> {
    this.synced.push(url)
    const { name, code = 'unreachable' } = this.urls.get(url) ?? {}
    if (name === undefined) return { kind: 'failed', error: { code, message: `${code} at ${url}` } }
    this.registry.set(name, { name, url, error: null })
    return { kind: 'synced', how: 'in_band', name, modified: false, warnings: [], syncId: 's', appId: 'a' }
  }

  private note(which: { url?: string; name?: string }, error: FakeApp['error']): void {
    this.noted.push([which, error])
    for (const app of this.registry.values()) if (app.url === which.url || app.name === which.name) app.error = error
  }

  private look(): readonly string[] {
    this.looks++
    return this.discovered ?? []
  }

  rounds(poller: AppPoller, count: number): Promise<void> {
    return Array.from({ length: count }).reduce<Promise<void>>(
      (before) => before.then(() => poller.round()),
      Promise.resolve(),
    )
  }
}

describe('polling', () => {
  test('a URL that does not answer yet is tried every round, and told once', async () => {
    const world = new World()
    const poller = world.poller({ sdkUrls: [A] })
    await world.rounds(poller, 3)
    expect(world.synced).toEqual([A, A, A])
    expect(world.lines).toEqual([`unreachable at ${A}`])
    world.urls.set(A, { name: 'hello' })
    await world.rounds(poller, 2)
    expect(world.lines).toHaveLength(2)
    expect(world.lines[1]).toContain('App hello is synced')
  })

  test('an app that goes away gets its error once, and loses it when it is back', async () => {
    const world = new World()
    world.urls.set(A, { name: 'hello' })
    const poller = world.poller({ sdkUrls: [A] })
    await poller.round()
    world.urls.delete(A)
    await world.rounds(poller, 3)
    expect(world.noted).toEqual([[{ url: A }, { code: 'unreachable', message: `unreachable at ${A}` }]])
    world.urls.set(A, { name: 'hello' })
    await world.rounds(poller, 2)
    expect(world.registry.get('hello')?.error).toBeNull()
  })

  test('without polling only what is in error is tried', async () => {
    const world = new World()
    world.urls.set(A, { name: 'hello' })
    const poller = world.poller({ sdkUrls: [A, B], poll: false })
    await world.rounds(poller, 3)
    expect(world.synced.filter((url) => url === A)).toHaveLength(1)
    expect(world.synced.filter((url) => url === B)).toHaveLength(3)
  })

  test('an app that registered itself is polled too', async () => {
    const world = new World()
    world.registry.set('own', { name: 'own', url: A, error: null })
    world.urls.set(A, { name: 'own' })
    await world.poller().round()
    expect(world.synced).toEqual([A])
  })

  test('a URL that was given by a request is kept only after a success', async () => {
    const world = new World()
    world.urls.set(B, { name: 'hello' })
    const poller = world.poller({ sdkUrls: ['http://localhost:4000/x'] })
    await poller.add(A)
    await poller.add(B)
    await poller.add('http://localhost:4000/x')
    world.synced.length = 0
    await poller.round()
    expect(world.synced.toSorted()).toEqual([B, 'http://localhost:4000/x'])
  })

  test('a credential in a URL is in no line', async () => {
    const url = 'http://localhost:3000/api/inngest?bypass=SECRET'
    const lines: string[] = []
    const note = (fields: unknown, message: string) => void lines.push(`${JSON.stringify(fields)} ${message}`)
    const report = new AppReport({ info: note, warn: note })
    report.synced({ url, name: 'hello', functions: 1, modified: false })
    report.warned(url, ['careful'])
    report.shadowed('hello', url, url)
    report.failed(url, { code: 'unreachable', message: 'gone' })
    expect(lines).toHaveLength(4)
    expect(lines.join()).toContain('localhost:3000/api/inngest?bypass=…')
    expect(lines.join()).not.toContain('SECRET')
  })

  test('rounds follow soon until the app that was named has come up', async () => {
    const world = new World()
    const poller = world.poller({ sdkUrls: [A] })
    const { promise, resolve } = Promise.withResolvers<void>()
    world.onPause = (count) => {
      if (count === 2) world.urls.set(A, { name: 'hello' })
      if (count === 4) resolve()
    }
    poller.start()
    await promise
    await poller.close()
    expect(world.pauses.slice(0, 4)).toEqual([true, true, false, false])
  })

  test('an app that was removed is not brought back', async () => {
    const world = new World()
    world.urls.set(A, { name: 'hello' })
    const poller = world.poller({ sdkUrls: [A] })
    await poller.round()
    world.registry.delete('hello')
    await world.rounds(poller, 2)
    expect(world.synced).toEqual([A])
    await poller.add(A)
    expect(world.registry.has('hello')).toBe(true)
  })
})

describe('two apps of one name', () => {
  test('do not take turns, and are told once', async () => {
    const world = new World()
    world.urls.set(A, { name: 'twin' }).set(B, { name: 'twin' })
    const poller = world.poller({ sdkUrls: [A, B] })
    await world.rounds(poller, 4)
    expect(world.synced.filter((url) => url === A)).toHaveLength(1)
    expect(world.registry.get('twin')?.url).toBe(B)
    expect(world.lines.filter((line) => line.includes('Two apps are named twin'))).toHaveLength(1)
  })

  test('the other one takes over when the last one fails', async () => {
    const world = new World()
    world.urls.set(A, { name: 'twin' }).set(B, { name: 'twin' })
    const poller = world.poller({ sdkUrls: [A, B] })
    await world.rounds(poller, 2)
    world.urls.delete(B)
    await world.rounds(poller, 2)
    expect(world.registry.get('twin')?.url).toBe(A)
  })
})

describe('discovery', () => {
  test('looks until an app is well, then no more', async () => {
    const world = new World()
    world.discovered = []
    const poller = world.poller()
    await world.rounds(poller, 2)
    expect(world.looks).toBe(2)
    world.discovered = [A]
    world.urls.set(A, { name: 'hello' })
    await world.rounds(poller, 3)
    expect(world.registry.has('hello')).toBe(true)
    expect(world.looks).toBe(3)
  })

  test('goes on while what it found refuses, and tells that once', async () => {
    const world = new World()
    world.discovered = [A]
    world.urls.set(A, { code: 'unauthorized' })
    await world.rounds(world.poller(), 3)
    expect(world.looks).toBe(3)
    expect(world.lines).toEqual([`unauthorized at ${A}`])
  })
})
