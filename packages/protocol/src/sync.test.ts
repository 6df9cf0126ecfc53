import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { SyncError } from './errors.ts'
import { type RegisterRequest, readInBandAnswer, readRegisterRequest } from './sync.ts'

const read = (body: unknown): RegisterRequest => readRegisterRequest(Buffer.from(JSON.stringify(body)))

const request = {
  url: 'http://127.0.0.1:3000/api/inngest',
  deployType: 'ping',
  framework: 'nodejs',
  appName: 'my-app',
  functions: [
    {
      id: 'my-app-f',
      steps: {
        step: { runtime: { type: 'http', url: 'http://127.0.0.1:3000/api/inngest?fnId=my-app-f&stepId=step' } },
      },
    },
  ],
  sdk: 'js:v4.24.0',
  v: '0.1',
  capabilities: { trust_probe: 'v1' },
  featureObservations: { sendEvents: { a: 1 } },
}

describe('readRegisterRequest', () => {
  it('reads what the JavaScript SDK sends', () => {
    expect(read(request)).toEqual({
      appName: 'my-app',
      url: 'http://localhost:3000/api/inngest',
      sdk: 'js:v4.24.0',
      sdkLanguage: 'js',
      sdkVersion: '4.24.0',
      framework: 'nodejs',
      platform: null,
      deployType: 'ping',
      appVersion: null,
      functions: [
        {
          id: 'my-app-f',
          steps: {
            step: { runtime: { type: 'http', url: 'http://localhost:3000/api/inngest?fnId=my-app-f&stepId=step' } },
          },
        },
      ],
      capabilities: { trust_probe: 'v1' },
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('reads the spellings of Python and Go', () => {
    const python = read({ appname: 'py', deploy_type: 'ping', url: request.url, sdk: 'py:v0.5.19', functions: [] })
    expect(python).toMatchObject({ appName: 'py', deployType: 'ping', sdkLanguage: 'py', sdkVersion: '0.5.19' })
    const go = read({
      appName: 'go',
      url: request.url,
      sdk: 'go:v0.15.1',
      framework: '',
      headers: { env: '', platform: 'x' },
      functions: null,
    })
    expect(go).toMatchObject({ framework: null, platform: 'x', functions: [], capabilities: {} })
    expect(read({ appName: 'hand', url: request.url }).sdk).toBe('')
  })

  it('has the same checksum for the same app in another spelling', () => {
    const { checksum } = read(request)
    expect(read({ ...request, featureObservations: { other: 2 }, deployId: '7' }).checksum).toBe(checksum)
    const text = JSON.stringify(request).replaceAll('127.0.0.1', 'localhost')
    expect(readRegisterRequest(Buffer.from(text)).checksum).toBe(checksum)
  })

  it('has another checksum for any change', () => {
    const changes = [
      { appVersion: '2' },
      { functions: [] },
      { url: 'http://localhost:3001/api/inngest' },
      { sdk: 'js:v4.25.0' },
      { appName: 'x' },
    ]
    const checksums = changes.map((change) => read({ ...request, ...change }).checksum)
    expect(new Set([...checksums, read(request).checksum]).size).toBe(changes.length + 1)
  })

  it.each<[string, unknown, string, RegExp]>([
    ['no app name', { ...request, appName: ' ' }, 'invalid_config', /^App ID required$/],
    ['a long app name', { ...request, appName: 'x'.repeat(256) }, 'invalid_config', /255/],
    ['an app name with a line break', { ...request, appName: 'a\nb' }, 'invalid_config', /control/],
    ['no URL', { ...request, url: undefined }, 'invalid_config', /^Invalid request: url/],
    ['functions that are no list', { ...request, functions: {} }, 'invalid_config', /array/],
    ['1,001 functions', { ...request, functions: Array(1001).fill({}) }, 'invalid_config', /1000/],
    ['an array', [], 'invalid_config', /^Invalid request/],
  ])('refuses %s', (_name, body, code, message) => {
    expect(() => read(body)).toThrow(SyncError)
    expect(() => read(body)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  it('passes on what is wrong with the JSON', () => {
    const error = expect.objectContaining({
      code: 'invalid_json',
      message: expect.stringMatching(/^Invalid request: /),
    })
    expect(() => readRegisterRequest(Buffer.from('{'))).toThrow(error)
  })
})

describe('readInBandAnswer', () => {
  it('gives the same as an app that registered by itself, but for its type', () => {
    const answer = {
      app_id: 'my-app',
      env: null,
      framework: 'nodejs',
      functions: request.functions,
      inspection: {},
      platform: null,
      sdk_author: 'inngest',
      sdk_language: '',
      sdk_version: '',
      sdk: 'js:v4.24.0',
      url: request.url,
      capabilities: request.capabilities,
      featureObservations: {},
    }
    expect(readInBandAnswer(Buffer.from(JSON.stringify(answer)))).toEqual(read(request))
    const named = { ...answer, sdk: undefined, sdk_language: 'py', sdk_version: '0.5.19' }
    expect(readInBandAnswer(Buffer.from(JSON.stringify(named)))).toMatchObject({
      sdkLanguage: 'py',
      sdkVersion: '0.5.19',
    })
  })
})
