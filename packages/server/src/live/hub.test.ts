import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { ListReads, RunView, StoreChange } from '@pawl/storage'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../engine.ts'
import { LiveHub } from './hub.ts'

/** A connection that takes everything, or nothing. */
class Connection extends EventEmitter {
  text = ''
  writableLength = 0
  isStuck = false
  isEnded = false

  write(chunk: string): boolean {
    if (this.isStuck) this.writableLength += chunk.length
    this.text += chunk
    return !this.isStuck
  }

  end(): void {
    this.isEnded = true
    this.emit('close')
  }

  messages(): readonly {
    readonly event: string
    readonly id: string | undefined
    readonly data: Record<string, unknown>
  }[] {
    return this.text
      .split('\n\n')
      .filter((block) => block.includes('data:'))
      .map((block) => ({
        event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
        id: /^id: (.*)$/m.exec(block)?.[1],
        data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}'),
      }))
  }

  take(): void {
    this.isStuck = false
    this.writableLength = 0
    this.emit('drain')
  }

  get response(): ServerResponse {
    return this as unknown as ServerResponse
  }
}

const NOW = 1_700_000_000_000

function runOf(key: number, queuedAt = NOW): RunView {
  const row = {
    key,
    id: `01HF7YAT${String(key).padStart(18, '0')}`,
    status: 'running',
    queuedAt,
    startedAt: queuedAt,
    endedAt: null,
    batch: null,
    cron: null,
    skipped: null,
    retries: 0,
  }
  return {
    row,
    slug: 'shop-pay',
    functionName: 'pay',
    appName: 'shop',
    trigger: { id: '01HF7YAT00000000000000000E', name: 'shop/pay' },
    originalId: null,
    parentId: null,
    open: [],
    output: '"never sent"',
    outputIsError: false,
    events: [],
    eventIds: [],
  } as unknown as RunView
}

function world() {
  const listeners = new Set<(change: StoreChange) => void>()
  const reads: (readonly number[])[] = []
  const state = { fails: false, delay: async () => {} }
  const lists: Partial<ListReads> = {
    async runsByKey(keys) {
      reads.push(keys)
      await state.delay()
      if (state.fails) throw new Error('gone')
      return keys.map((key) => runOf(key))
    },
    eventsByKey: async (keys) =>
      keys.map((key) => ({
        key,
        id: `E${key}`,
        eventId: `e${key}`,
        name: key > 100 ? 'inngest/function.finished' : 'a/b',
        ts: NOW,
        receivedAt: NOW,
        isRepeat: false,
        ofRun: null,
      })),
    bulks: async () => [{ row: { key: 7, id: 'B7' } }] as unknown as Awaited<ReturnType<ListReads['bulks']>>,
  }
  const engine: Partial<Engine> = { clock: () => ({ now: NOW, offsetMs: 0 }), waitingBrief: () => null }
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const hub = new LiveHub({
    engine: engine as Engine,
    lists: lists as ListReads,
    log,
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  return {
    hub,
    reads,
    state,
    watchers: () => listeners.size,
    tell(given: Partial<StoreChange>) {
      const nothing = { runs: [], events: [], bulks: [], jobs: [], sessions: [], requests: [] }
      const change = { ...nothing, registry: false, isCut: false, ...given }
      for (const listener of listeners) listener(change)
    },
    async join(after?: string, session: { id: string; endsInMs: number } | null = null) {
      const connection = new Connection()
      await hub.join(connection.response, { after, session })
      return connection
    },
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

describe('a stream', () => {
  test('begins with hello, and tells what has changed as lists show it', async () => {
    const at = world()
    const tab = await at.join()
    at.tell({ runs: [1], events: [2, 102], bulks: [7], registry: true })
    await pass(25)
    const [hello, change, ...more] = tab.messages()
    expect(more).toEqual([])
    expect(hello).toMatchObject({
      event: 'hello',
      data: { feed: expect.stringMatching(/^[0-9a-f]+$/), now: expect.any(String) },
    })
    expect(hello?.id).toBe(`${hello?.data.feed}.${hello?.data.seq}`)
    expect(change).toMatchObject({
      event: 'change',
      id: `${hello?.data.feed}.${Number(hello?.data.seq) + 1}`,
      data: {
        seq: Number(hello?.data.seq) + 1,
        runs: [{ id: runOf(1).row.id, status: 'RUNNING', function: { name: 'pay' }, app: { id: 'shop' }, isNew: true }],
        events: [
          { id: 'E2', name: 'a/b' },
          { id: 'E102', isInternal: true },
        ],
        bulks: ['B7'],
        registry: true,
      },
    })
    expect(change?.data).not.toHaveProperty('isCut')
    expect(tab.text).not.toContain('never sent')
  })

  test('calls a run new once', async () => {
    const at = world()
    const tab = await at.join()
    at.tell({ runs: [1] })
    await pass(250)
    at.tell({ runs: [1] })
    await pass(250)
    expect(tab.messages().map(({ data }) => (data.runs as { isNew?: true }[] | undefined)?.[0]?.isNew)).toEqual([
      undefined,
      true,
      undefined,
    ])
  })

  test('has four messages a second at most, however much happens', async () => {
    const at = world()
    const tab = await at.join()
    for (let ms = 0; ms < 3_000; ms += 5) {
      at.tell({ runs: [1 + (ms % 50)] })
      await pass(5)
    }
    expect(tab.messages().length - 1).toBeGreaterThanOrEqual(11)
    expect(tab.messages().length - 1).toBeLessThanOrEqual(13)
  })

  test('is read for once, for all tabs', async () => {
    const at = world()
    const tabs = await Promise.all([at.join(), at.join(), at.join()])
    at.tell({ runs: [1] })
    at.tell({ runs: [2, 1] })
    await pass(25)
    expect(at.reads).toEqual([[1, 2]])
    for (const tab of tabs) expect(tab.messages()).toHaveLength(2)
  })

  test('names two hundred rows, the newest, and says that there are more', async () => {
    const at = world()
    const tab = await at.join()
    at.tell({ runs: Array.from({ length: 450 }, (_, index) => index) })
    await pass(25)
    const data = tab.messages()[1]?.data ?? {}
    expect(data.runs).toHaveLength(200)
    expect(at.reads[0]?.[0]).toBe(250)
    expect(data.isCut).toBe(true)
  })

  test('says that all is to be read again when the rows cannot be read', async () => {
    const at = world()
    const tab = await at.join()
    at.state.fails = true
    at.tell({ runs: [1] })
    await pass(25)
    expect(tab.messages()[1]?.data).toMatchObject({ isCut: true })
    at.state.fails = false
    at.tell({ runs: [1] })
    await pass(250)
    expect(tab.messages()[2]?.data).toHaveProperty('runs')
  })

  test('is kept open by a beat every 15 seconds', async () => {
    const at = world()
    const tab = await at.join()
    await pass(45_000)
    expect(tab.messages().filter(({ event }) => event === 'beat')).toHaveLength(3)
    expect(at.reads).toEqual([])
  })

  test('ends with its sign-in', async () => {
    const at = world()
    const [first, second] = [
      await at.join(undefined, { id: 'a', endsInMs: 60_000 }),
      await at.join(undefined, { id: 'b', endsInMs: 600_000 }),
    ]
    await pass(59_999)
    expect(first.isEnded).toBe(false)
    await pass(1)
    expect([first.isEnded, second.isEnded]).toEqual([true, false])
    at.hub.signedOut({ id: 'b' })
    expect(second.isEnded).toBe(true)
  })
})

describe('who comes back', () => {
  test('is told once what has changed meanwhile', async () => {
    const at = world()
    const [stays, leaves] = [await at.join(), await at.join()]
    at.tell({ runs: [1] })
    await pass(250)
    const seen = leaves.messages().at(-1)?.id
    leaves.end()
    for (const key of [2, 3, 2]) {
      at.tell({ runs: [key] })
      await pass(250)
    }
    const back = await at.join(seen)
    const [hello, change, ...more] = back.messages()
    expect(more).toEqual([])
    expect(hello?.id).toBeUndefined()
    expect(change?.data.runs).toMatchObject([{ id: runOf(2).row.id }, { id: runOf(3).row.id }])
    expect(change?.id).toBe(stays.messages().at(-1)?.id)
    at.tell({ runs: [4] })
    await pass(250)
    expect(back.messages()).toHaveLength(3)
  })

  test('misses nothing that happens while it is told', async () => {
    const at = world()
    const [stays, leaves] = [await at.join(), await at.join()]
    const seen = leaves.messages()[0]?.id
    at.tell({ runs: [1] })
    await pass(250)
    let go = (): void => {}
    at.state.delay = () =>
      new Promise((resolve) => {
        go = resolve
      })
    const connection = new Connection()
    const joining = at.hub.join(connection.response, { after: seen, session: null })
    await pass(0)
    const goOn = go
    at.state.delay = async () => {}
    at.tell({ runs: [2] })
    await pass(250)
    goOn()
    await joining
    expect(connection.messages().map(({ event }) => event)).toEqual(['hello', 'change', 'change'])
    expect(connection.messages().at(-1)?.id).toBe(stays.messages().at(-1)?.id)
  })

  test.each(['0000.1', 'nonsense', '.', 'feed.'])('with %s, which is none of ours, is told of a gap', async (after) => {
    const tab = await world().join(after)
    expect(tab.messages().map(({ event }) => event)).toEqual(['hello', 'gap'])
    expect(tab.messages()[1]?.id).toBeDefined()
  })

  test('after more than a thousand messages is told of a gap', async () => {
    const at = world()
    const tab = await at.join()
    const seen = tab.messages()[0]?.id
    for (let count = 0; count < 1_001; count++) {
      at.tell({ registry: true })
      await pass(250)
    }
    expect((await at.join(seen)).messages().map(({ event }) => event)).toEqual(['hello', 'gap'])
  })

  test('within five seconds misses nothing though nobody was there, and nothing was read', async () => {
    const at = world()
    const tab = await at.join()
    const seen = tab.messages()[0]?.id
    tab.end()
    at.tell({ runs: [1] })
    await pass(4_000)
    expect(at.reads).toEqual([])
    expect((await at.join(seen)).messages().map(({ event }) => event)).toEqual(['hello', 'change'])
  })
})

describe('while no tab is open', () => {
  test('the store is not watched', async () => {
    const at = world()
    expect(at.watchers()).toBe(0)
    const tabs = [await at.join(), await at.join()]
    expect(at.watchers()).toBe(1)
    for (const tab of tabs) tab.end()
    await pass(5_000)
    expect(at.watchers()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    const seen = tabs[0]?.messages()[0]?.id
    expect((await at.join(seen)).messages().map(({ event }) => event)).toEqual(['hello', 'gap'])
  })

  test('a closed hub has nothing left, and takes nobody', async () => {
    const at = world()
    const tab = await at.join()
    at.tell({ runs: [1] })
    at.hub.close()
    expect(tab.isEnded).toBe(true)
    expect(at.watchers()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    expect((await at.join()).isEnded).toBe(true)
  })
})

describe('a tab that does not read', () => {
  test('is left out, holds no more than a message, and is told of a gap when it reads again', async () => {
    const at = world()
    const [stuck, reads] = [await at.join(), await at.join()]
    stuck.isStuck = true
    for (let count = 0; count < 50; count++) {
      at.tell({ runs: Array.from({ length: 200 }, (_, index) => index) })
      await pass(250)
    }
    expect(reads.messages().length).toBe(51)
    expect(stuck.writableLength).toBeLessThan(64 * 1024 + 100_000)
    stuck.take()
    expect(stuck.messages().at(-1)).toMatchObject({ event: 'gap', id: reads.messages().at(-1)?.id })
    at.tell({ runs: [1] })
    await pass(250)
    expect(stuck.messages().at(-1)?.event).toBe('change')
  })
})
