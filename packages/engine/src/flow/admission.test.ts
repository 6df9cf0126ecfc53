import type { Json } from '@pawl/protocol'
import { describe, expect, it } from 'vitest'
import type { Incoming } from '../incoming.ts'
import { entry, eventRow, NOW, registryOf } from '../scenarios/rows.ts'
import { admissionNeeds, prepareAdmission, type Source } from './admission.ts'

function admissionOf(
  options: { readonly [option: string]: Json },
  data: Json,
  how: { readonly senderId?: string | null; readonly source?: Source } = {},
) {
  const { key: _key, receivedAt: _receivedAt, isRepeat: _isRepeat, ...row } = eventRow()
  const value = { name: 'e', data, id: row.id, ts: NOW, user: {} }
  const event: Incoming = { row, senderId: how.senderId ?? null, text: '', value }
  const fn = entry(registryOf({ f: options }), 'f')
  return prepareAdmission(fn, event, { now: NOW, source: how.source ?? 'event' })
}

describe('the keys under which a repeat is known', () => {
  it.each<[string, string | null, Json, string | null, readonly string[], boolean]>([
    ['none, for an event without an ID of its own', null, {}, null, [], false],
    ["the sender's ID", null, {}, 'k', ['event:k'], false],
    ['the value of the expression', 'event.data.id', { id: 'a' }, null, ['key:a'], false],
    ['both', 'event.data.id', { id: 7 }, 'k', ['event:k', 'key:7'], false],
    ['one that all events without a value share, with a warning', 'event.data.id', {}, null, ['key:null'], true],
    ['none, when the expression is false', 'event.data.id == 1', { id: 2 }, null, [], false],
    ['none, when the expression errs, with a warning', 'event.data.id - 1', { id: 'a' }, null, [], true],
  ])('are %s', (_what, idempotency, data, senderId, keys, warns) => {
    const admission = admissionOf(idempotency === null ? {} : { idempotency }, data, { senderId })
    expect(admission.idempotency).toEqual(keys)
    expect(admission.fn.warning !== null).toBe(warns)
  })
})

describe('the limits of a run', () => {
  const rule = (key: string | null, more: { [name: string]: Json } = {}): Json => ({
    limit: 1,
    ...(key === null ? {} : { key }),
    ...more,
  })

  it.each<[string, Json, Json, readonly string[]]>([
    ['one for its function', rule(null), {}, ['steps:fn2::']],
    ['one for each value', rule('event.data.u'), { u: 'a' }, ['steps:fn2:KEY:a']],
    ['one that all without a value share', rule('event.data.u'), {}, ['steps:fn2:KEY:false']],
    ['one without a value when the key errs', rule('event.data.u - 1'), { u: 'a' }, ['steps:fn2:KEY:']],
    ['one of the environment', rule('"x"', { scope: 'env' }), {}, ['steps:env:KEY:x']],
  ])('are %s', (_what, concurrency, data, names) => {
    const { run } = admissionOf({ concurrency: [concurrency] }, data)
    expect(run.limits.steps.map((name) => name.replace(/[0-9a-f]{12}/, 'KEY'))).toEqual(names)
  })

  it('hold a long value by its digest', () => {
    const { run } = admissionOf({ concurrency: [rule('event.data.u')] }, { u: 'x'.repeat(10_000) })
    expect(run.limits.steps[0]?.length).toBeLessThan(200)
  })

  it('are named in the needs, with who is next in their lines', () => {
    const admission = admissionOf(
      { concurrency: 5, throttle: { limit: 1, period: '1s' }, singleton: { mode: 'skip' } },
      {},
    )
    expect(admissionNeeds([admission, admission])).toMatchObject({
      limits: [
        { name: 'steps:fn2::', take: 2 },
        { name: 'throttle:2:', take: 2 },
      ],
      singletons: ['singleton:2:'],
      backlog: [2],
    })
  })
})

describe('the stations that an event passes', () => {
  const options: { [option: string]: Json } = { rateLimit: { limit: 1, period: '1s' }, debounce: { period: '1s' } }

  it.each<[Source, boolean]>([
    ['event', true],
    ['invoke', true],
    ['cron', true],
    ['fired', false],
    ['again', false],
  ])('of the source %s include rate limit and debounce: %s', (source, included) => {
    const admission = admissionOf(options, {}, { source })
    expect([admission.rateLimit !== null, admission.debounce !== null]).toEqual([included, included])
  })

  it.each<[Source, boolean]>([
    ['event', true],
    ['invoke', false],
    ['cron', false],
  ])('of the source %s include a batch: %s', (source, included) => {
    const { batch } = admissionOf({ batchEvents: { maxSize: 2, timeout: '1s' } }, {}, { source })
    expect(batch !== null).toBe(included)
  })

  it.each<[string, Json, number]>([
    ['a number of seconds', 12.9, 12_000],
    ['no more than ten minutes', 1e9, 600_000],
    ['no more than ten minutes behind', -1e9, -600_000],
    ['nothing for a text', '60', 0],
    ['nothing for what is missing', null, 0],
  ])('give a priority of %s', (_what, p, ms) => {
    expect(admissionOf({ priority: { run: 'event.data.p' } }, { p }).run.priorityMs).toBe(ms)
  })
})
