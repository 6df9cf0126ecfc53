import { expect, it } from 'vitest'
import { bulkAskFor, canTouch } from './bulk-ask.ts'

const functionsOf = (appId: string) => (appId === 'shop' ? ['shop-pay', 'shop-mail'] : [])

it('what the list shows is what the operation is asked for', () => {
  const filter = {
    from: '2026-11-24T00:00:00Z',
    status: ['FAILED', 'RUNNING'],
    eventName: ['a"b'],
    query: 'event.data.n > 1',
  } as const
  expect(bulkAskFor('RERUN', filter, functionsOf)).toEqual({
    ask: {
      kind: 'RERUN',
      status: ['FAILED'],
      from: '2026-11-24T00:00:00Z',
      query: 'event.name in ["a\\"b"]\nevent.data.n > 1',
    },
  })
})

it('an app is said by its functions, less those that are not chosen', () => {
  expect(bulkAskFor('CANCEL', { appId: 'shop' }, functionsOf)).toMatchObject({
    ask: { function: ['shop-pay', 'shop-mail'], status: ['QUEUED', 'RUNNING'] },
  })
  expect(bulkAskFor('CANCEL', { appId: 'shop', function: ['shop-pay', 'x-y'] }, functionsOf)).toMatchObject({
    ask: { function: ['shop-pay'] },
  })
})

it('a filter that leaves nothing to touch asks for nothing, rather than for everything', () => {
  expect(bulkAskFor('CANCEL', { status: ['FAILED'] }, functionsOf)).toEqual({ isNone: true })
  expect(bulkAskFor('CANCEL', { appId: 'other' }, functionsOf)).toEqual({ isNone: true })
})

it('filters that the operation does not have are named', () => {
  const filter = {
    hasRetries: true,
    cron: '* * * * *',
    query: 'run.durationMs > 5',
    from: '2026-11-24T00:00:00Z',
    timeField: 'endedAt',
  } as const
  expect(bulkAskFor('RERUN', filter, functionsOf)).toEqual({
    cannot: ['the time of start or end', 'Cron', 'Has retries', 'an expression over run'],
  })
  const many = Array.from({ length: 101 }, (_, index) => `shop-${index}`)
  expect(bulkAskFor('RERUN', { appId: 'shop' }, () => many)).toEqual({
    cannot: ['an app with more than 100 functions'],
  })
})

it('only live runs can be cancelled, only ended ones run again', () => {
  expect(canTouch('CANCEL', { status: 'QUEUED' })).toBe(true)
  expect(canTouch('CANCEL', { status: 'FAILED' })).toBe(false)
  expect(canTouch('RERUN', { status: 'SKIPPED' })).toBe(true)
})
