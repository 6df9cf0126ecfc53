import { EngineError } from '@pawl/engine'
import { type RegisterRequest, verifySignature } from '@pawl/protocol'
import { describe, expect, test } from 'vitest'
import type { AppAnswer, AppRequest } from './app-request.ts'
import { Registrations } from './registrations.ts'
import { type SyncDependencies, syncApp } from './sync-app.ts'

const URL_OF_APP = 'http://localhost:3000/api/inngest'
const IN_BAND = { 'x-inngest-sdk': 'inngest-js:v4.24.0', 'x-inngest-sync-kind': 'in_band' }
const OUT_OF_BAND = { 'x-inngest-sdk': 'inngest-js:v4.24.0', 'x-inngest-sync-kind': 'out_of_band' }

const FUNCTION = {
  id: 'hello-hello',
  name: 'hello',
  triggers: [{ event: 'demo/hello' }],
  steps: {
    step: { id: 'step', name: 'step', runtime: { type: 'http', url: `${URL_OF_APP}?fnId=hello-hello&stepId=step` } },
  },
}

function inBand(functions: readonly unknown[]): AppAnswer {
  const body = {
    app_id: 'hello',
    env: null,
    framework: 'nodejs',
    functions,
    platform: null,
    sdk: 'js:v4.24.0',
    sdk_author: 'inngest',
    sdk_language: 'js',
    sdk_version: '4.24.0',
    url: URL_OF_APP,
  }
  return { kind: 'answer', status: 200, headers: IN_BAND, body: Buffer.from(JSON.stringify(body)) }
}

/** The engine as far as a registration needs it. */
const REGISTRY = {
  sync: async (_: RegisterRequest) => ({ modified: false, appId: 'A', syncId: 'S', warnings: [] }),
}

function registerRequest(url: string): RegisterRequest {
  return {
    appName: 'py',
    url,
    sdk: 'py:v0.5.0',
    sdkLanguage: 'py',
    sdkVersion: '0.5.0',
    framework: null,
    platform: null,
    deployType: 'ping',
    appVersion: null,
    functions: [FUNCTION],
    capabilities: {},
    checksum: '',
  }
}

interface Fake {
  readonly answer: AppAnswer
  /** URL under which the app registers itself before it answers. */
  readonly registers?: string
  readonly sync?: SyncDependencies['engine']['sync']
  readonly signingKeys?: readonly string[]
  readonly command?: SyncDependencies['command']
}

async function syncing({ answer, registers, sync, signingKeys = [], command = 'dev' }: Fake) {
  const requests: AppRequest[] = []
  const synced: string[] = []
  const registrations = new Registrations()
  const outcome = await syncApp(URL_OF_APP, {
    request: async (request) => {
      requests.push(request)
      if (registers !== undefined) await registrations.over(REGISTRY).sync(registerRequest(registers))
      return answer
    },
    engine: {
      sync:
        sync ??
        (async ({ appName }) => {
          synced.push(appName)
          return { modified: true, appId: 'app', syncId: 'sync', warnings: [] }
        }),
    },
    registrations,
    serverUrl: 'http://localhost:8288',
    command,
    signingKeys,
    version: '1.2.3',
    nowSeconds: () => 1_795_478_206,
  })
  return { outcome, requests, synced }
}

describe('what is asked', () => {
  test('a PUT with the URL, in band first', async () => {
    const { requests } = await syncing({ answer: inBand([FUNCTION]) })
    expect(requests).toMatchObject([{ method: 'PUT', url: URL_OF_APP, body: `{"url":"${URL_OF_APP}"}` }])
    expect(requests[0]?.headers).toMatchObject({ 'x-inngest-server-kind': 'dev', 'x-inngest-sync-kind': 'in_band' })
    expect(requests[0]?.headers).not.toHaveProperty('x-inngest-signature')
  })

  test('with a signing key it is signed', async () => {
    const key = '0123456789abcdef0123456789abcdef'
    const { requests } = await syncing({ answer: inBand([FUNCTION]), signingKeys: [key] })
    const { body = '', headers } = requests[0] ?? {}
    const check = {
      header: headers?.['x-inngest-signature'],
      body: Buffer.from(body),
      keys: [key],
      nowSeconds: 1_795_478_206,
    }
    expect(verifySignature(check)).toBe(true)
  })

  test('in production the server says that it is one', async () => {
    const { requests } = await syncing({ answer: inBand([FUNCTION]), command: 'start', signingKeys: ['00ff'] })
    expect(requests[0]?.headers).toMatchObject({ 'x-inngest-server-kind': 'cloud' })
  })

  test('nothing, when the URL is no http URL', async () => {
    const { outcome } = await syncing({ answer: inBand([FUNCTION]) })
    expect(outcome.kind).toBe('synced')
    const requested: string[] = []
    const bad = await syncApp('ftp://localhost/x', {
      request: async ({ url }) => {
        requested.push(url)
        return inBand([])
      },
      engine: { sync: () => Promise.reject(new Error('not asked')) },
      registrations: new Registrations(),
      serverUrl: '',
      command: 'dev',
      signingKeys: [],
      version: '',
      nowSeconds: () => 0,
    })
    expect(bad).toMatchObject({ kind: 'failed', error: { code: 'unsupported_protocol' } })
    expect(requested).toEqual([])
  })
})

test('a wrong path is told together with the right one', async () => {
  const page: AppAnswer = { kind: 'answer', status: 404, headers: {}, body: Buffer.alloc(0) }
  const outcome = await syncApp('http://localhost:3000/inngest', {
    request: async ({ url }) => (url === URL_OF_APP ? inBand([]) : page),
    engine: { sync: () => Promise.reject(new Error('not asked')) },
    registrations: new Registrations(),
    serverUrl: '',
    command: 'dev',
    signingKeys: [],
    version: '',
    nowSeconds: () => 0,
  })
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'url_not_found' } })
  expect(outcome.kind === 'failed' && outcome.error.message).toContain(`at ${URL_OF_APP}: give that`)
})

describe('in band', () => {
  test('the functions in the answer are registered', async () => {
    const { outcome, synced } = await syncing({ answer: inBand([FUNCTION]) })
    expect(synced).toEqual(['hello'])
    expect(outcome).toMatchObject({ kind: 'synced', how: 'in_band', name: 'hello', modified: true })
  })

  test('an app without functions is registered and told', async () => {
    const { outcome, synced } = await syncing({ answer: inBand([]) })
    expect(synced).toEqual(['hello'])
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'no_functions' } })
  })

  test('a function that cannot be used is told in the words of the engine', async () => {
    const sync = () => Promise.reject(new EngineError('invalid_config', 'hello-hello: the cron has six fields'))
    const { outcome } = await syncing({ answer: inBand([FUNCTION]), sync })
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'invalid_function', message: expect.stringContaining('six fields') },
    })
  })

  test('every fault is told, up to a handful', async () => {
    const faults = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ function: `f${n}`, message: 'bad cron', path: 'triggers[0]' }))
    const sync = () => Promise.reject(new EngineError('invalid_config', 'x', { details: { faults } }))
    const { outcome } = await syncing({ answer: inBand([FUNCTION]), sync })
    const message = outcome.kind === 'failed' ? outcome.error.message : ''
    expect(message).toContain('f1: bad cron (triggers[0]); f2: bad cron')
    expect(message).toContain('f5: bad cron (triggers[0]); and 2 more')
  })

  test('a store that does not answer is no fault of the app', async () => {
    const sync = () => Promise.reject(new EngineError('store_unavailable', 'later'))
    await expect(syncing({ answer: inBand([FUNCTION]), sync })).rejects.toThrow('later')
  })

  test('an answer that is no JSON is told', async () => {
    const answer: AppAnswer = { kind: 'answer', status: 200, headers: IN_BAND, body: Buffer.from('{') }
    expect((await syncing({ answer })).outcome).toMatchObject({ kind: 'failed', error: { code: 'invalid_function' } })
  })
})

describe('out of band', () => {
  const answer: AppAnswer = {
    kind: 'answer',
    status: 200,
    headers: OUT_OF_BAND,
    body: Buffer.from('{"modified":true}'),
  }

  test('the app has registered itself during the call', async () => {
    const { outcome } = await syncing({ answer, registers: 'http://127.0.0.1:3000/api/inngest' })
    expect(outcome).toMatchObject({ kind: 'synced', how: 'out_of_band', name: 'py', syncId: 'S', modified: false })
  })

  test.each([
    ['nowhere here', undefined],
    ['here under another URL', 'http://localhost:9999/x'],
  ])('an app that registered %s is told how to start', async (_, registers) => {
    const { outcome } = await syncing({ answer, ...(registers === undefined ? {} : { registers }) })
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'registered_elsewhere', message: expect.stringContaining('INNGEST_DEV=http://localhost:8288') },
    })
  })
})
