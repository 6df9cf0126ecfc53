import { expect, test } from 'vitest'
import type { AppAnswer } from './app-request.ts'
import { appSetting } from './app-setting.ts'
import { type FaultContext, syncFault } from './sync-fault.ts'

const context: FaultContext = {
  url: 'http://localhost:3000/api/inngest',
  command: 'dev',
  setting: appSetting('dev', 'http://localhost:8288'),
  hasSigningKey: false,
}
const SDK = { 'x-inngest-sdk': 'inngest-js:v4.24.0' }

function answer(status: number, body: unknown = '', headers: Record<string, string> = SDK): AppAnswer {
  return { kind: 'answer', status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }
}

test('an answer of an SDK with 2xx is no fault', () => {
  expect(syncFault(answer(200), context)).toBeNull()
  expect(syncFault(answer(200, '', { 'x-inngest-sdk-handled': 'true' }), context)).toBeNull()
})

test.each<[string, AppAnswer, string, string]>([
  [
    'nobody there',
    { kind: 'lost', reason: 'refused', message: 'connection refused' },
    'unreachable',
    'connection refused. Start it',
  ],
  [
    'silence',
    { kind: 'lost', reason: 'timeout', message: 'no answer within 10 s' },
    'unreachable',
    'no answer within 10 s',
  ],
  [
    'a circle of redirects',
    { kind: 'lost', reason: 'redirect', message: 'it redirects more than 60 times' },
    'unreachable',
    '60 times',
  ],
  ['a web page', answer(200, '<html>', {}), 'url_not_found', 'serves no functions under /api/inngest'],
  ['a wrong path', answer(404, '', {}), 'url_not_found', 'http://localhost:3000 answers (404)'],
  ['cloud mode', answer(401, { message: 'Unauthorized' }), 'unauthorized', 'INNGEST_DEV=http://localhost:8288'],
  ['something in front', answer(403, '', {}), 'forbidden', '403'],
  ['a crash', answer(500, { message: 'boom' }), 'internal_server_error', 'answered 500: boom'],
  ['a crash with a page', answer(502, '<html>'), 'internal_server_error', 'answered 502.'],
  [
    'cloud mode without a key',
    answer(500, { code: 'internal_server_error' }, { 'x-inngest-sdk-handled': 'true' }),
    'missing_signing_key',
    "the SDK's default, and has no signing key. Start it with INNGEST_DEV=http://localhost:8288",
  ],
  [
    'a server that the app does not find',
    answer(500, { message: 'Failed to register; fetch failed' }, { ...SDK, 'x-inngest-sync-kind': 'out_of_band' }),
    'internal_server_error',
    'fetch failed. It registers with the server that it was told; for this one, start it with INNGEST_DEV=http',
  ],
  ['another server kind', answer(400, { code: 'server_kind_mismatch', message: 'x' }), 'unauthorized', 'INNGEST_DEV'],
  [
    'no signing key',
    answer(400, { message: 'Signing key is missing' }),
    'missing_signing_key',
    'Signing key is missing',
  ],
  [
    'another signing key',
    answer(400, { message: 'Invalid signing key' }),
    'invalid_signing_key',
    'Invalid signing key',
  ],
  [
    'no functions',
    answer(400, { code: 'no_functions', message: 'no functions provided' }),
    'no_functions',
    'serve({ client',
  ],
  ['a bad function', answer(400, { error: 'cron is invalid' }), 'invalid_function', 'cron is invalid'],
])('%s is told, with what to do', (_, got, code, words) => {
  const fault = syncFault(got, context)
  expect(fault?.code).toBe(code)
  expect(fault?.message).toContain(words)
})

test.each([
  ['another signing key', answer(401, { message: 'Unauthorized' }), 'its signing key is another one'],
  ['development mode', answer(400, { code: 'server_kind_mismatch', message: 'x' }), 'Start it without INNGEST_DEV'],
])('in production, %s is told with what to start the app with', (_, got, words) => {
  const setting = appSetting('start', 'http://localhost:8288')
  const fault = syncFault(got, { ...context, command: 'start', setting, hasSigningKey: true })
  expect(fault).toMatchObject({ code: 'unauthorized', message: expect.stringContaining(words) })
  expect(fault?.message).toContain('INNGEST_BASE_URL=http://localhost:8288, INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY')
})

test('a credential in the URL is in no message', () => {
  const url = 'https://user:SECRET@app.example/api/inngest?bypass=SECRET'
  const lost: AppAnswer = { kind: 'lost', reason: 'refused', message: 'connection refused' }
  for (const got of [lost, ...[200, 400, 401, 403, 404, 500].map((status) => answer(status, '', {}))]) {
    const message = syncFault(got, { ...context, url })?.message
    expect(message).toContain('app.example')
    expect(message).not.toContain('SECRET')
  }
})
