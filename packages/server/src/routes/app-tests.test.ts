import type { RegisterRequest } from '@pawl/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppProbe } from '../options.ts'
import { at, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
const asked: { readonly url: string; readonly name: string }[] = []
const synced: string[] = []
let probe: AppProbe

const PHASES = [
  { name: 'resolve', ok: true, ms: 0.1, detail: '127.0.0.1' },
  { name: 'connect', ok: true, ms: 0.4 },
  { name: 'answer', ok: true, ms: 3 },
] as const

function functionOf(id: string, url: string, event = `shop/${id}`): never {
  const runtime = { type: 'http', url: `${url}?fnId=shop-${id}&stepId=step` }
  return {
    id: `shop-${id}`,
    name: id,
    triggers: [{ event }],
    steps: { step: { id: 'step', name: 'step', runtime, retries: { attempts: 2 } } },
  } as never
}

beforeAll(async () => {
  server = await startTestServer({
    async testApp(app) {
      asked.push(app)
      return probe
    },
    async syncApp(url) {
      synced.push(url)
      return { ok: true, syncId: 'S1', appName: 'shop', modified: false }
    },
  })
  await server.register({ same: {}, changed: {}, removed: {} })
})
afterAll(() => server.close())

describe('the test of an app', () => {
  test('tells the phases and how what is served differs from what is registered', async () => {
    const url = 'http://elsewhere:4000/api/inngest'
    const says = {
      appName: 'shop',
      sdkLanguage: 'js',
      sdkVersion: '4.24.0',
      framework: 'nextjs',
      functions: [functionOf('same', url), functionOf('changed', url, 'shop/other'), functionOf('added', url)],
    } as unknown as RegisterRequest
    probe = { ok: true, phases: PHASES, cause: null, says }
    const { json } = await server.ask('POST /v2/apps/shop/test', { body: { url } })
    expect(at(json, 'data')).toEqual({
      url,
      ok: true,
      phases: PHASES,
      sdk: { language: 'js', version: '4.24.0', framework: 'nextjs' },
      drift: { added: ['shop-added'], changed: ['shop-changed'], removed: ['shop-removed'] },
    })
    expect(at((await server.ask('GET /v2/apps/shop/functions')).json, 'data')).toHaveLength(3)
  })

  test('asks the address that the app is known by, and tells what is wrong', async () => {
    const cause = { code: 'connection_refused', message: 'Nothing listens there.', hint: 'Start the app.' }
    probe = { ok: false, phases: [{ name: 'connect', ok: false, ms: 1, detail: 'ECONNREFUSED' }], cause, says: null }
    const { json } = await server.ask('POST /v2/apps/shop/test')
    expect(asked.at(-1)).toEqual({ url: 'http://localhost:3000/api/inngest', name: 'shop' })
    expect(at(json, 'data')).toMatchObject({ ok: false, cause })
    expect(at(json, 'data', 'drift')).toBeUndefined()
  })

  test('asks an app that never registered by its URL, and calls all that it serves new', async () => {
    const url = 'http://new:5000/api/inngest'
    probe = {
      ok: true,
      phases: PHASES,
      cause: null,
      says: { appName: 'new', functions: [functionOf('one', url)] } as never,
    }
    const { status, json } = await server.ask('POST /v2/apps/new/test', { body: { url } })
    expect(status).toBe(200)
    expect(asked.at(-1)).toEqual({ url, name: 'new' })
    expect(at(json, 'data', 'drift')).toEqual({ added: ['shop-one'], changed: [], removed: [] })
  })

  test('is refused for an app that is not known and has no URL, and for what is no URL', async () => {
    expect((await server.ask('POST /v2/apps/nope/test')).status).toBe(404)
    expect((await server.ask('POST /v2/apps/shop/test', { body: { url: 'ftp://x' } })).status).toBe(400)
  })
})

describe('the syncs of an app', () => {
  test('are told, the newest first, with what each changed', async () => {
    await server.register({ same: {}, changed: { triggers: [{ event: 'shop/now' }] }, added: {} })
    const syncs = at((await server.ask('GET /v2/apps/shop/syncs')).json, 'data') as Record<string, unknown>[]
    expect(syncs).toMatchObject([
      {
        status: 'success',
        functionCount: 3,
        sdkVersion: '4.24.0',
        added: ['shop-added'],
        changed: ['shop-changed'],
        removed: ['shop-removed'],
      },
      { status: 'success', functionCount: 3, added: ['shop-same', 'shop-changed', 'shop-removed'] },
    ])
    expect((await server.ask('GET /v2/apps/nope/syncs')).status).toBe(404)
  })

  test('go to the known address when none is given', async () => {
    expect((await server.ask('POST /v2/apps/shop/syncs')).status).toBe(200)
    expect(synced).toEqual(['http://localhost:3000/api/inngest'])
    expect((await server.ask('POST /v2/apps/nope/syncs')).status).toBe(404)
  })
})
