import { describe, expect, it } from 'vitest'
import { readFunction, readFunctions } from './function.ts'
import type { ConfigFault, FunctionChecks, FunctionConfig } from './function-config.ts'
import type { Json, JsonObject } from './json-value.ts'

/** Refuses what has `bad` in it, and notes where every expression stands. */
const checks: FunctionChecks = {
  checkExpression: (text, where) => (text.includes('bad') ? `bad ${where}` : null),
  checkCron: (text) => (text.includes('bad') ? 'bad fields' : null),
}

const URL = 'http://127.0.0.1:3000/api/inngest?fnId=app-f&stepId=step'
const step = { id: 'step', name: 'step', runtime: { type: 'http', url: URL } }
const base = { id: 'app-f', name: 'f', triggers: [{ event: 'a/b' }], steps: { step } }

function configOf(more: JsonObject): FunctionConfig {
  const { config, faults } = readFunction({ ...base, ...more }, 'app', checks)
  expect(faults).toEqual([])
  return config
}

function faultsOf(more: JsonObject): readonly ConfigFault[] {
  return readFunction({ ...base, ...more }, 'app', checks).faults
}

describe('readFunction', () => {
  it('gives a plain function its defaults', () => {
    expect(configOf({})).toEqual({
      slug: 'app-f',
      name: 'f',
      url: 'http://localhost:3000/api/inngest?fnId=app-f&stepId=step',
      runtime: 'http',
      triggers: [{ event: 'a/b' }],
      retries: 4,
      concurrency: [],
      throttle: null,
      rateLimit: null,
      debounce: null,
      batch: null,
      priority: null,
      singleton: null,
      idempotency: null,
      timeouts: { startMs: null, finishMs: null },
      cancel: [],
      checkpoint: null,
    })
  })

  it('reads what the Go SDK sends', () => {
    const { config, faults } = readFunction(
      {
        id: 'app-go',
        name: 'go',
        priority: null,
        concurrency: {
          fn: [{ limit: 1, key: 'event.data.a', hash: 'x' }],
          step: [{ limit: 5, scope: 'account', key: '"k"' }],
        },
        triggers: [{ event: 'a/b', expression: null }],
        steps: {
          step: {
            id: 'step',
            name: 'go',
            runtime: { url: 'http://localhost:9000/x?fnId=app-go&step=step' },
            retries: null,
          },
        },
        retries: 25,
        idempotency: null,
        rateLimit: null,
        Singleton: { key: 'event.data.a', mode: 'cancel' },
        timeouts: { start: '10s', finish: '1h0m0s' },
        cancel: null,
        checkpoint: { batch_steps: 3, batch_interval: '3s', max_runtime: 0 },
      },
      'app',
      checks,
    )
    expect(faults).toEqual([])
    expect(config).toMatchObject({
      url: 'http://localhost:9000/x?fnId=app-go&step=step',
      retries: 20,
      concurrency: [
        { limit: 1, key: 'event.data.a', scope: 'fn', counts: 'runs' },
        { limit: 5, key: '"k"', scope: 'account', counts: 'steps' },
      ],
      singleton: { key: 'event.data.a', mode: 'cancel' },
      timeouts: { startMs: 10_000, finishMs: 3_600_000 },
      checkpoint: { batch_steps: 3, batch_interval: '3s', max_runtime: 0 },
    })
  })

  it.each<[string, JsonObject, Partial<FunctionConfig>]>([
    ['no retries', { steps: { step: { ...step, retries: { attempts: 0 } } } }, { retries: 0 }],
    ['too many retries', { steps: { step: { ...step, retries: { attempts: 25 } } } }, { retries: 20 }],
    [
      'retries of the step before those of the function',
      { retries: 2, steps: { step: { ...step, retries: { attempts: 3 } } } },
      { retries: 3 },
    ],
    [
      'a number of concurrency',
      { concurrency: 5 },
      { concurrency: [{ limit: 5, key: null, scope: 'fn', counts: 'steps' }] },
    ],
    [
      'one concurrency limit',
      { concurrency: { limit: 2, key: 'event.data.a' } },
      { concurrency: [{ limit: 2, key: 'event.data.a', scope: 'fn', counts: 'steps' }] },
    ],
    ['no concurrency', { concurrency: 0 }, { concurrency: [] }],
    [
      'two concurrency limits',
      { concurrency: [{ limit: 2 }, { limit: 0, key: 'x', scope: 'env' }] },
      {
        concurrency: [
          { limit: 2, key: null, scope: 'fn', counts: 'steps' },
          { limit: 0, key: 'x', scope: 'env', counts: 'steps' },
        ],
      },
    ],
    [
      'a throttle',
      { throttle: { limit: 1, period: '1m', burst: 2, key: 'k' } },
      { throttle: { limit: 1, periodMs: 60_000, burst: 2, key: 'k' } },
    ],
    [
      'a throttle without burst',
      { throttle: { limit: 1, period: '7d', key: '' } },
      { throttle: { limit: 1, periodMs: 604_800_000, burst: 0, key: null } },
    ],
    [
      'a rate limit',
      { rateLimit: { limit: 3, period: '24h' } },
      { rateLimit: { limit: 3, periodMs: 86_400_000, key: null } },
    ],
    [
      'idempotency instead of a rate limit',
      { idempotency: 'event.data.id', rateLimit: { limit: 3, period: '1h' } },
      { idempotency: 'event.data.id', rateLimit: { limit: 1, periodMs: 86_400_000, key: 'event.data.id' } },
    ],
    [
      'a debounce',
      { debounce: { period: '5s', timeout: '1m', key: 'k' } },
      { debounce: { periodMs: 5000, timeoutMs: 60_000, key: 'k' } },
    ],
    [
      'a batch',
      { batchEvents: { maxSize: 100, timeout: '10m', key: 'k', if: 'c' } },
      { batch: { maxSize: 100, timeoutMs: 600_000, key: 'k', if: 'c' } },
    ],
    [
      'a batch without timeout',
      { batchEvents: { maxSize: 2 } },
      { batch: { maxSize: 2, timeoutMs: 60_000, key: null, if: null } },
    ],
    [
      'a batch in snake case',
      { batch_events: { max_size: 2, timeout: '5s' } },
      { batch: { maxSize: 2, timeoutMs: 5000, key: null, if: null } },
    ],
    [
      'a batch with controls that are absent',
      { batchEvents: { maxSize: 2 }, cancel: [], idempotency: '', debounce: null },
      { cancel: [] },
    ],
    ['a priority', { priority: { run: 'event.data.p' } }, { priority: 'event.data.p' }],
    ['a singleton', { singleton: { mode: 'skip' } }, { singleton: { mode: 'skip', key: null } }],
    [
      'cancel rules',
      {
        cancel: [
          { event: 'a/c', if: 'x', timeout: '1h' },
          { event: 'a/d', timeout: '2030-01-01T00:00:00Z' },
          { event: 'a/e', if: null, timeout: '' },
        ],
      },
      {
        cancel: [
          { event: 'a/c', if: 'x', timeout: '1h' },
          { event: 'a/d', timeout: '2030-01-01T00:00:00Z' },
          { event: 'a/e' },
        ],
      },
    ],
    [
      'triggers of both kinds',
      {
        triggers: [
          { event: 'a/*', expression: 'x' },
          { cron: 'TZ=Europe/Paris 0 5 * * *', jitter: '30s' },
          { cron: '* * * * *' },
        ],
      },
      {
        triggers: [
          { event: 'a/*', if: 'x' },
          { cron: 'TZ=Europe/Paris 0 5 * * *', jitterMs: 30_000 },
          { cron: '* * * * *' },
        ],
      },
    ],
    [
      'one event with two conditions',
      { triggers: [{ event: 'a', expression: 'x' }, { event: 'a', expression: 'y' }, { event: 'a' }] },
      { triggers: [{ event: 'a', if: 'x' }, { event: 'a', if: 'y' }, { event: 'a' }] },
    ],
    ['no triggers', { triggers: [] }, { triggers: [] }],
    [
      'a connect function',
      { steps: { step: { ...step, runtime: { type: 'ws', url: 'wss://connect/?fnId=app-f&stepId=step' } } } },
      { runtime: 'connect', url: 'wss://connect/?fnId=app-f&stepId=step' },
    ],
    ['an unknown field', { other: { x: 1 } }, {}],
  ])('accepts %s', (_name, more, expected) => {
    expect(configOf(more)).toMatchObject(expected)
  })

  it('gives a function without ID a slug from its name', () => {
    const { config, faults } = readFunction({ ...base, id: null, name: 'My Function!' }, 'app', checks)
    expect(faults).toEqual([])
    expect(config.slug).toBe('my-function')
  })

  const eleven = Array.from({ length: 11 }, (_, index) => ({ event: `a/${index}` }))
  const six = Array.from({ length: 6 }, (_, index) => ({ event: `a/${index}` }))
  const long = 'x'.repeat(256)

  it.each<[string, JsonObject, string, string]>([
    ['an ID with a line break', { id: 'a\nb' }, 'config_invalid', 'id'],
    ['a name with NUL', { name: 'a\u0000b' }, 'config_invalid', 'name'],
    ['no step', { steps: {} }, 'config_invalid', 'steps'],
    ['two steps', { steps: { step, other: step } }, 'config_invalid', 'steps'],
    [
      'a URL with a line break',
      { steps: { step: { ...step, runtime: { url: `${URL}\r\nx` } } } },
      'config_invalid',
      'steps.step.runtime.url',
    ],
    [
      'a URL of another scheme',
      { steps: { step: { ...step, runtime: { url: 'file:///x' } } } },
      'config_invalid',
      'steps.step.runtime.url',
    ],
    [
      'an unknown runtime',
      { steps: { step: { ...step, runtime: { type: 'grpc', url: URL } } } },
      'config_invalid',
      'steps.step.runtime.type',
    ],
    [
      'retries that are no number',
      { steps: { step: { ...step, retries: { attempts: 'x' } } } },
      'config_invalid',
      'steps.step.retries.attempts',
    ],
    ['eleven triggers', { triggers: eleven }, 'config_invalid', 'triggers'],
    ['triggers that are no list', { triggers: {} }, 'config_invalid', 'triggers'],
    [
      'a trigger twice',
      {
        triggers: [
          { event: 'a', expression: 'x' },
          { event: 'a', expression: 'x' },
        ],
      },
      'config_invalid',
      'triggers[1]',
    ],
    [
      'a cron twice',
      { triggers: [{ cron: '* * * * *' }, { cron: '* * * * *', jitter: '1s' }] },
      'config_invalid',
      'triggers[1]',
    ],
    ['a trigger of both kinds', { triggers: [{ event: 'a', cron: '* * * * *' }] }, 'config_invalid', 'triggers[0]'],
    ['a trigger of no kind', { triggers: [{}] }, 'config_invalid', 'triggers[0]'],
    ['a long event name', { triggers: [{ event: long }] }, 'event_name_invalid', 'triggers[0].event'],
    ['an event name with a line break', { triggers: [{ event: 'a\rb' }] }, 'event_name_invalid', 'triggers[0].event'],
    [
      'a bad trigger condition',
      { triggers: [{ event: 'a', expression: 'bad' }] },
      'invalid_expression',
      'triggers[0].expression',
    ],
    ['a bad cron', { triggers: [{ cron: 'bad' }] }, 'schedule_invalid', 'triggers[0].cron'],
    ['a long cron', { triggers: [{ cron: long }] }, 'schedule_invalid', 'triggers[0].cron'],
    [
      'a short jitter',
      { triggers: [{ cron: '* * * * *', jitter: '999ms' }] },
      'schedule_invalid',
      'triggers[0].jitter',
    ],
    ['a long jitter', { triggers: [{ cron: '* * * * *', jitter: '301s' }] }, 'schedule_invalid', 'triggers[0].jitter'],
    ['three concurrency limits', { concurrency: [1, 2, 3] }, 'concurrency_limit_invalid', 'concurrency'],
    [
      'two limits of runs',
      { concurrency: { fn: [{ limit: 1 }, { limit: 2 }] } },
      'concurrency_limit_invalid',
      'concurrency.fn',
    ],
    [
      'a limit of no runs',
      { concurrency: { fn: [{ limit: 0 }] } },
      'concurrency_limit_invalid',
      'concurrency.fn[0].limit',
    ],
    ['a negative limit', { concurrency: -1 }, 'concurrency_limit_invalid', 'concurrency[0].limit'],
    ['a broken limit', { concurrency: 1.5 }, 'concurrency_limit_invalid', 'concurrency[0].limit'],
    [
      'an env limit without key',
      { concurrency: { limit: 1, scope: 'env' } },
      'concurrency_limit_invalid',
      'concurrency[0].key',
    ],
    [
      'an unknown scope',
      { concurrency: { limit: 1, scope: 'app' } },
      'concurrency_limit_invalid',
      'concurrency[0].scope',
    ],
    ['a bad concurrency key', { concurrency: { limit: 1, key: 'bad' } }, 'invalid_expression', 'concurrency[0].key'],
    ['a throttle of 0', { throttle: { limit: 0, period: '1m' } }, 'config_invalid', 'throttle.limit'],
    ['a long throttle', { throttle: { limit: 1, period: '8d' } }, 'config_invalid', 'throttle.period'],
    ['a negative burst', { throttle: { limit: 1, period: '1m', burst: -1 } }, 'config_invalid', 'throttle.burst'],
    ['a rate limit of 0', { rateLimit: { limit: 0, period: '1m' } }, 'config_invalid', 'rateLimit.limit'],
    ['a rate limit without period', { rateLimit: { limit: 1 } }, 'config_invalid', 'rateLimit.period'],
    ['a long rate limit', { rateLimit: { limit: 1, period: '25h' } }, 'config_invalid', 'rateLimit.period'],
    ['a rate limit that is no object', { rateLimit: 5 }, 'config_invalid', 'rateLimit'],
    ['a short debounce', { debounce: { period: '999ms' } }, 'config_invalid', 'debounce.period'],
    ['a long debounce', { debounce: { period: '8d' } }, 'config_invalid', 'debounce.period'],
    ['a period that is none', { debounce: { period: 'soon' } }, 'config_invalid', 'debounce.period'],
    ['a batch of one', { batchEvents: { maxSize: 1, timeout: '5s' } }, 'batch_size_invalid', 'batchEvents.maxSize'],
    ['a batch of 101', { batchEvents: { maxSize: 101, timeout: '5s' } }, 'batch_size_invalid', 'batchEvents.maxSize'],
    ['a batch without size', { batchEvents: { timeout: '5s' } }, 'batch_size_invalid', 'batchEvents.maxSize'],
    [
      'a short batch timeout',
      { batchEvents: { maxSize: 2, timeout: '500ms' } },
      'batch_timeout_invalid',
      'batchEvents.timeout',
    ],
    ['a bad batch key', { batchEvents: { maxSize: 2, key: 'bad' } }, 'batch_key_expression_invalid', 'batchEvents.key'],
    [
      'a bad batch condition',
      { batchEvents: { maxSize: 2, if: 'bad' } },
      'batch_if_expression_invalid',
      'batchEvents.if',
    ],
    ['a batch with cancel', { batchEvents: { maxSize: 2 }, cancel: [{ event: 'a' }] }, 'combo_unsupported', 'cancel'],
    [
      'a batch with debounce',
      { batchEvents: { maxSize: 2 }, debounce: { period: '1s' } },
      'combo_unsupported',
      'debounce',
    ],
    [
      'a batch with singleton',
      { batchEvents: { maxSize: 2 }, Singleton: { mode: 'skip' } },
      'combo_unsupported',
      'singleton',
    ],
    ['a batch with priority', { batchEvents: { maxSize: 2 }, priority: { run: 'x' } }, 'combo_unsupported', 'priority'],
    [
      'a batch with a rate limit',
      { batchEvents: { maxSize: 2 }, rateLimit: { limit: 1, period: '1m' } },
      'combo_unsupported',
      'rateLimit',
    ],
    ['a batch with idempotency', { batchEvents: { maxSize: 2 }, idempotency: 'x' }, 'combo_unsupported', 'idempotency'],
    ['a bad priority', { priority: { run: 'bad' } }, 'invalid_expression', 'priority.run'],
    ['a singleton without mode', { singleton: { key: 'x' } }, 'config_invalid', 'singleton.mode'],
    ['a bad idempotency key', { idempotency: 'bad' }, 'invalid_expression', 'idempotency'],
    ['a timeout of nothing', { timeouts: { start: '0s' } }, 'config_invalid', 'timeouts.start'],
    ['six cancel rules', { cancel: six }, 'config_invalid', 'cancel'],
    ['a cancel rule without event', { cancel: [{ if: 'x' }] }, 'event_name_invalid', 'cancel[0].event'],
    ['a bad cancel condition', { cancel: [{ event: 'a', if: 'bad' }] }, 'invalid_expression', 'cancel[0].if'],
    ['a long cancel timeout', { cancel: [{ event: 'a', timeout: '366d' }] }, 'config_invalid', 'cancel[0].timeout'],
    [
      'a cancel timeout that is none',
      { cancel: [{ event: 'a', timeout: 'soon' }] },
      'config_invalid',
      'cancel[0].timeout',
    ],
  ])('refuses %s', (_name, more, code, path) => {
    expect(faultsOf(more).map((fault) => [fault.code, fault.path])).toEqual([[code, path]])
    expect(faultsOf(more)[0]?.message).not.toBe('')
  })

  it('tells all faults of a function at once, with its slug', () => {
    const faults = faultsOf({ throttle: { limit: 0, period: 'x' }, priority: { run: 'bad' } })
    expect(faults.map((fault) => fault.path)).toEqual(['throttle.limit', 'throttle.period', 'priority.run'])
    expect(new Set(faults.map((fault) => fault.function))).toEqual(new Set(['app-f']))
  })

  it.each<Json>([null, 5, 'x', [], {}])('says that %j is no function', (raw) => {
    expect(readFunction(raw, 'app', checks).faults.length).toBeGreaterThan(0)
  })
})

describe('readFunctions', () => {
  it('reads all and finds a slug that is there twice', () => {
    const { configs, faults } = readFunctions([base, { ...base, id: 'app-g' }, base], 'app', checks)
    expect(configs.map((config) => config.slug)).toEqual(['app-f', 'app-g', 'app-f'])
    expect(faults).toEqual([
      { function: 'app-f', code: 'config_invalid', message: 'Two functions have the ID app-f', path: 'id' },
    ])
  })
})
