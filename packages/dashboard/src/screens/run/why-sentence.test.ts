import { describe, expect, test } from 'vitest'
import type { WhyReason } from '../../api/types.ts'
import { plainText, whySentence } from './why-sentence.ts'

const at = '2026-11-24T10:00:00Z'

describe('the sentence', () => {
  test.each<[reason: WhyReason, text: string, tone: string]>([
    [{ code: 'executing', since: at, attempt: 0 }, `At work in the app for ${at}.`, 'moving'],
    [{ code: 'executing', since: at, attempt: 2 }, `At work in the app for ${at}, attempt 3.`, 'moving'],
    [{ code: 'queued', place: 1 }, 'Queued; it is the next of its function.', 'waiting'],
    [{ code: 'queued', place: 15 }, 'Queued; 14 ahead of it.', 'waiting'],
    [
      {
        code: 'concurrency',
        rule: 'concurrency[0]',
        scope: 'fn',
        key: 'tenant_42',
        limit: 2,
        held: 2,
        place: 15,
        holders: [
          { runId: 'R1', function: 'f', step: 's' },
          { runId: 'R2', function: 'f', step: 's' },
        ],
      },
      'Waiting for a slot: limit 2 for key tenant_42; 14 ahead; held by R1, R2.',
      'waiting',
    ],
    [
      {
        code: 'concurrency',
        rule: 'c',
        scope: 'account',
        key: null,
        limit: 12,
        held: 12,
        place: 1,
        holders: [{ runId: 'R1', function: 'f', step: 's' }],
      },
      'Waiting for a slot: limit 12 in this account; it is the next; held by R1 and 11 more.',
      'waiting',
    ],
    [
      { code: 'throttle', limit: 3, periodMs: 1000, place: 2, nextStartAt: at },
      `Held back by a throttle of 3 per 1000; 1 ahead; the next one starts ${at}.`,
      'waiting',
    ],
    [{ code: 'paused', since: at, by: 'Ana', target: 'function' }, `Function paused by Ana at ${at}.`, 'paused'],
    [{ code: 'paused', since: at, by: '', target: 'app', until: at }, `App paused at ${at}, until ${at}.`, 'paused'],
    [
      { code: 'app_unreachable', since: at, error: 'connection refused.' },
      `App unreachable: connection refused; since ${at}.`,
      'bad',
    ],
    [{ code: 'sleeping', until: at, step: 'nap' }, `nap: Sleeping until ${at}.`, 'waiting'],
    [{ code: 'scheduled', at }, `Starts at ${at}.`, 'waiting'],
    [
      { code: 'retry', attempt: 3, at, error: { message: 'Card declined.' } },
      `Retry 3 of 4 at ${at} after Card declined.`,
      'bad',
    ],
    [{ code: 'retry', attempt: 3, at, error: null }, `Retry 3 of 4 at ${at}.`, 'bad'],
    [
      { code: 'waiting_for_event', name: 'order/paid', expression: 'a == b', until: at },
      `Waiting for event order/paid matching a == b, gives up at ${at}.`,
      'waiting',
    ],
    [{ code: 'waiting_for_signal', name: 'go', until: at }, `Waiting for signal go, gives up at ${at}.`, 'waiting'],
    [
      { code: 'invoking', function: 'shop-mail', childRunId: 'R9', until: at },
      `Waiting for shop-mail, run R9, gives up at ${at}.`,
      'waiting',
    ],
    [{ code: 'invoking', function: 'shop-mail', until: at }, `Waiting for shop-mail, gives up at ${at}.`, 'waiting'],
  ])('for %j', (reason, text, tone) => {
    const why = whySentence(reason, { retries: 4 })
    expect(plainText(why.parts)).toBe(text)
    expect(why.tone).toBe(tone)
  })

  test('makes links of runs, functions and events', () => {
    const { parts } = whySentence({ code: 'invoking', function: 'shop-mail', childRunId: 'R9', until: at })
    expect(parts).toContainEqual({ run: 'R9' })
    expect(parts).toContainEqual({ fn: 'shop-mail' })
    expect(whySentence({ code: 'waiting_for_event', name: 'a/b', until: at }).parts).toContainEqual({ event: 'a/b' })
  })

  test('leaves the number of retries out where it is not known', () => {
    expect(plainText(whySentence({ code: 'retry', attempt: 1, at }).parts)).toBe(`Retry 1 at ${at}.`)
  })
})
