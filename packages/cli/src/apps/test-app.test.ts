import { once } from 'node:events'
import { createServer } from 'node:net'
import type { RegisterRequest } from '@pawl/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppAnswer, AppRequest } from './app-request.ts'
import { Registrations } from './registrations.ts'
import { testApp } from './test-app.ts'

/** Takes connections; what it would answer is given by the test. */
const listener = createServer((socket) => socket.on('error', () => {}).end())
let url = ''
beforeAll(async () => {
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/api/inngest`
})
afterAll(() => {
  listener.close()
})

const sdk = { 'x-inngest-sdk': 'inngest-js:v4.24.0' }

function inBand(functions: readonly unknown[]): AppAnswer {
  const body = { app_id: 'hello', framework: 'nodejs', functions, sdk: 'js:v4.24.0', url }
  const headers = { ...sdk, 'x-inngest-sync-kind': 'in_band' }
  return { kind: 'answer', status: 200, headers, body: Buffer.from(JSON.stringify(body)) }
}

function registration(appName: string, at: string): RegisterRequest {
  return {
    appName,
    url: at,
    sdk: 'py:v0.5.0',
    sdkLanguage: 'py',
    sdkVersion: '0.5.0',
    framework: null,
    platform: null,
    deployType: 'ping',
    appVersion: null,
    functions: [{ id: 'hello-a' }],
    capabilities: {},
    checksum: '',
  }
}

interface Fake {
  readonly answer: AppAnswer
  /** What registers while the app is asked. */
  readonly meanwhile?: readonly RegisterRequest[]
}

async function probing({ answer, meanwhile = [] }: Fake, at = url) {
  const registrations = new Registrations()
  const registered: string[] = []
  const requests: AppRequest[] = []
  const engine = {
    sync: async (request: RegisterRequest) => {
      registered.push(request.url)
      return { modified: true, appId: 'A', syncId: 'S', warnings: [] }
    },
  }
  const overheard = registrations.over(engine)
  const probe = await testApp(
    { url: at, name: 'hello' },
    {
      request: async (request) => {
        requests.push(request)
        for (const one of meanwhile) await overheard.sync(one)
        return answer
      },
      engine,
      registrations,
      serverUrl: 'http://localhost:8288',
      command: 'dev',
      signingKeys: [],
      version: '1',
      nowSeconds: () => 0,
      inContainer: false,
    },
  )
  // Afterwards everything passes again.
  await overheard.sync(registration('hello', 'http://after.test/'))
  return { probe, registered: registered.filter((each) => each !== 'http://after.test/'), requests }
}

describe('the test of an app', () => {
  test('asks in band, and registers nothing', async () => {
    const { probe, registered, requests } = await probing({ answer: inBand([{ id: 'hello-a' }]) })
    expect(probe).toMatchObject({ ok: true, cause: null, says: { appName: 'hello', functions: [{ id: 'hello-a' }] } })
    expect(probe.phases.map(({ name, ok }) => `${name} ${ok}`)).toEqual(['resolve true', 'connect true', 'answer true'])
    expect(requests).toMatchObject([{ method: 'PUT', url, headers: { 'x-inngest-sync-kind': 'in_band' } }])
    expect(registered).toEqual([])
  })

  test('hears an app that registers by itself, which goes no further', async () => {
    const headers = { ...sdk, 'x-inngest-sync-kind': 'out_of_band' }
    const answer: AppAnswer = { kind: 'answer', status: 200, headers, body: Buffer.from('{}') }
    const { probe, registered } = await probing({ answer, meanwhile: [registration('hello', url)] })
    expect(probe).toMatchObject({ ok: true, says: { functions: [{ id: 'hello-a' }] } })
    expect(registered).toEqual([])
    const silent = await probing({ answer })
    expect(silent.probe).toMatchObject({ ok: false, cause: { code: 'registered_elsewhere' }, says: null })
  })

  test('lets registrations through that were not made for it', async () => {
    const elsewhere = registration('other', 'http://other.test/api/inngest')
    const { registered } = await probing({
      answer: inBand([{ id: 'hello-a' }]),
      meanwhile: [elsewhere, registration('hello', url)],
    })
    expect(registered).toEqual([elsewhere.url, url])
  })

  test('says what is wrong and what to do', async () => {
    const answer: AppAnswer = { kind: 'answer', status: 404, headers: {}, body: Buffer.from('<html>') }
    const { probe } = await probing({ answer })
    expect(probe).toMatchObject({
      ok: false,
      cause: {
        code: 'url_not_found',
        message: expect.stringMatching(/serves no functions under \/api\/inngest\.$/),
        hint: expect.stringMatching(/^Give the path/),
      },
    })
    expect(probe.phases.at(-1)).toMatchObject({ name: 'answer', ok: false, detail: 'status 404' })
    expect((await probing({ answer: inBand([]) })).probe.cause?.code).toBe('no_functions')
  })

  test('of what is no URL asks nobody', async () => {
    const { probe, requests } = await probing({ answer: inBand([]) }, 'localhost')
    expect(probe).toMatchObject({ ok: false, phases: [], cause: { code: 'unsupported_protocol' } })
    expect(requests).toEqual([])
  })
})
