import { describe, expect, it } from 'vitest'
import { jobGiven } from '../scenarios/job-world.ts'
import { checkJob, checkSecret } from './check-job.ts'
import type { GivenRequest, JobGiven } from './door.ts'
import { JOB_LIMITS } from './limits.ts'
import type { JobSchedule } from './slots.ts'

const USUAL = jobGiven()

function request(part: Partial<GivenRequest>): Partial<JobGiven> {
  return { request: { ...USUAL.request, ...part } }
}

function schedule(part: Partial<JobSchedule>): Partial<JobGiven> {
  return { schedule: { ...USUAL.schedule, ...part } }
}

function header(name: string, value: string | null, isSecret = false): Partial<JobGiven> {
  return request({ headers: [{ name, value, isSecret }] })
}

function body(length: number): Partial<JobGiven> {
  return request({ body: { text: 'x'.repeat(length), isJson: false } })
}

describe('a job', () => {
  const good: readonly (readonly [string, Partial<JobGiven>])[] = [
    ['the usual one', USUAL],
    ['the longest name', { name: 'x'.repeat(120) }],
    ['the least interval', schedule({ intervalMinutes: 1 })],
    ['the longest interval', schedule({ intervalMinutes: 10_080, startMinute: 59, startHour: 23 })],
    ['a zone', schedule({ timeZone: 'Australia/Lord_Howe' })],
    ['a leap day', schedule({ anchorDate: '2028-02-29' })],
    ['the shortest time', { timeoutMs: 1_000 }],
    ['the longest time', { timeoutMs: 300_000 }],
    ['the largest body', body(JOB_LIMITS.bodyBytesMax)],
    ['a body of DELETE', request({ method: 'DELETE', body: { text: '{}', isJson: true } })],
    ['the longest header', header('x', 'v'.repeat(JOB_LIMITS.headerBytesMax))],
    ['a secret header to be kept', header('Authorization', null, true)],
    ['secrets in every place', request({ url: 'https://{{secrets.HOST}}/{{ secrets.p }}?k={{secrets.K}}' })],
    ['a private address: the policy is asked when it is called', request({ url: 'http://10.0.0.1/' })],
    ['a signing secret in base64', { signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
    ['no signing secret any more', { signingSecret: null }],
  ]
  it.each(good)('is taken: %s', (_what, given) => {
    expect(() => checkJob(given)).not.toThrow()
  })

  const bad: readonly (readonly [path: string, what: string, given: Partial<JobGiven>])[] = [
    ['name', 'empty', { name: ' ' }],
    ['name', 'too long', { name: 'x'.repeat(121) }],
    ['name', 'two lines', { name: 'a\nb' }],
    ['intervalMinutes', '0', schedule({ intervalMinutes: 0 })],
    ['intervalMinutes', 'over a week', schedule({ intervalMinutes: 10_081 })],
    ['intervalMinutes', 'a part', schedule({ intervalMinutes: 1.5 })],
    ['intervalMinutes', 'no number', schedule({ intervalMinutes: Number.NaN })],
    ['startMinute', '60', schedule({ startMinute: 60 })],
    ['startMinute', 'negative', schedule({ startMinute: -1 })],
    ['startHour', '24', schedule({ startHour: 24 })],
    ['timeZone', 'unknown', schedule({ timeZone: 'Mars/Olympus' })],
    ['timeZone', 'an offset', schedule({ timeZone: '+02:00' })],
    ['anchorDate', 'no day', schedule({ anchorDate: '2026-02-30' })],
    ['anchorDate', 'another form', schedule({ anchorDate: '1.2.2026' })],
    ['anchorDate', 'before 1970', schedule({ anchorDate: '1969-12-31' })],
    ['timeoutSeconds', 'too short', { timeoutMs: 999 }],
    ['timeoutSeconds', 'too long', { timeoutMs: 300_001 }],
    ['signingSecret', 'empty', { signingSecret: '' }],
    ['signingSecret', 'no base64', { signingSecret: 'whsec_!' }],
    ['request.method', 'CONNECT', request({ method: 'CONNECT' as GivenRequest['method'] })],
    ['request.url', 'no URL', request({ url: 'nonsense' })],
    ['request.url', 'a file', request({ url: 'file:///etc/passwd' })],
    ['request.url', 'another scheme by secret', request({ url: '{{secrets.URL}}' })],
    ['request.url', 'credentials', request({ url: 'https://me:word@target.test/' })],
    ['request.url', 'a port of mail', request({ url: 'http://target.test:25/' })],
    ['request.url', 'a line break', request({ url: 'http://target.test/\r\nX: y' })],
    ['request.url', 'too long', request({ url: `http://target.test/${'x'.repeat(8_192)}` })],
    ['request.url', 'a secret that cannot be', request({ url: 'http://target.test/{{secrets.a-b}}' })],
    [
      'request.headers',
      'too many',
      request({ headers: Array.from({ length: 51 }, (_, n) => ({ name: `x${n}`, value: '', isSecret: false })) }),
    ],
    [
      'request.headers',
      'too large',
      request({ headers: [1, 2, 3].map((n) => ({ name: `x${n}`, value: 'v'.repeat(8_000), isSecret: false })) }),
    ],
    [
      'request.headers[1].name',
      'twice',
      request({ headers: ['a', 'A'].map((name) => ({ name, value: '', isSecret: false })) }),
    ],
    ['request.headers[0].name', 'a space', header('a b', '')],
    ['request.headers[0].name', 'empty', header('', '')],
    ['request.headers[0].value', 'a line break', header('a', 'b\r\nc: d')],
    ['request.headers[0].value', 'null', header('a', '\0')],
    ['request.headers[0].value', 'not Latin-1', header('a', 'ключ')],
    ['request.headers[0].value', 'too long', header('a', 'x'.repeat(8_193))],
    ['request.headers[0].value', 'missing', header('a', null)],
    ['request.headers[0].value', 'a secret that cannot be', header('a', '{{secrets.1a}}')],
    ['request.body', 'of GET', request({ method: 'GET', body: { text: '', isJson: false } })],
    ['request.body', 'of HEAD', request({ method: 'HEAD', body: { text: '', isJson: false } })],
    ['request.body', 'too large', body(JOB_LIMITS.bodyBytesMax + 1)],
    ['request.body', 'a secret that cannot be', request({ body: { text: '{{secrets.é}}', isJson: false } })],
  ]
  it.each(bad)('is refused by its %s: %s', (path, _what, given) => {
    expect(() => checkJob(given)).toThrow(expect.objectContaining({ code: 'job_invalid', details: { path } }))
  })

  const forbidden = ['Host', 'content-length', 'Transfer-Encoding', 'Connection', 'Upgrade', 'Expect', 'TE', 'Trailer']
  it.each([...forbidden, 'Proxy-Authorization', 'X-Job-Id', 'x-job-anything'])('may not set the header %s', (name) => {
    expect(() => checkJob(header(name, 'x'))).toThrow(expect.objectContaining({ code: 'job_invalid' }))
  })
})

describe('a secret', () => {
  it.each([
    ['A', 'x'],
    ['_a1', 'x'.repeat(8_192)],
    ['x'.repeat(64), 'any\ntext é'],
  ])('is taken', (name, value) => {
    expect(() => checkSecret(name, value)).not.toThrow()
  })

  it.each([
    ['name', '1a', 'x'],
    ['name', '!instance-key', 'x'],
    ['name', '', 'x'],
    ['name', 'x'.repeat(65), 'x'],
    ['value', 'A', ''],
    ['value', 'A', 'x'.repeat(8_193)],
    ['value', 'A', '\ud800'],
  ])('is refused by its %s', (path, name, value) => {
    expect(() => checkSecret(name, value)).toThrow(
      expect.objectContaining({ code: 'secret_invalid', details: { path } }),
    )
  })
})
