import { describe, expect, it } from 'vitest'
import type { FunctionConfiguration } from '../../api/types.ts'
import { type Configured, configChange, configSentences, plainWords } from './config-words.ts'

const usual: FunctionConfiguration = { retries: { value: 4, isDefault: true } }

function words(configured: Configured): readonly string[] {
  return configSentences(configured).map(({ parts }) => plainWords(parts))
}

describe('a configuration in words', () => {
  it('says what it is limited to, how often it is tried again, and what cancels it', () => {
    const configuration: FunctionConfiguration = {
      retries: { value: 3, isDefault: false },
      concurrency: [{ scope: 'FUNCTION', limit: { value: 2, isPlanLimit: false }, key: 'event.data.tenantId' }],
      cancellations: [{ event: 'message/cancel', condition: 'event.data.id == async.data.id', timeout: '1h' }],
    }
    expect(words({ configuration, triggers: [{ type: 'EVENT', value: 'message/new', if: 'event.data.ok' }] })).toEqual([
      'Starts on event message/new when event.data.ok',
      'At most 2 at once per event.data.tenantId',
      'Up to 3 retries of a step that fails',
      'Cancelled by message/cancel when event.data.id == async.data.id, within 1h after its start',
    ])
  })

  it('says of a function without anything that it is invoked, and the usual retries', () => {
    expect(words({ configuration: usual })).toEqual([
      'Starts only when it is invoked',
      'Up to 4 retries of a step that fails (the default)',
    ])
  })

  it('tells a throttle from a rate limit by what becomes of the rest', () => {
    const said = words({
      configuration: {
        ...usual,
        throttle: { limit: 1, period: '10s', burst: 1, key: 'event.data.user' },
        rateLimit: { limit: 5, period: '1m' },
      },
    })
    expect(said).toContain('At most 1 start every 10s per event.data.user; the rest waits')
    expect(said).toContain('At most 5 starts every 1m; further events start nothing')
  })

  it('has the piece that says it beside each sentence', () => {
    const configuration: FunctionConfiguration = { ...usual, debounce: { period: '5s', timeout: '1m' } }
    expect(configSentences({ configuration }).find(({ path }) => path === 'debounce')?.source).toBe(
      '{ "period": "5s", "timeout": "1m" }',
    )
  })
})

describe('the difference of two versions', () => {
  it('is what one says and the other does not', () => {
    const of = (value: number): Configured => ({
      configuration: { ...usual, concurrency: [{ scope: 'FUNCTION', limit: { value, isPlanLimit: false } }] },
      triggers: [{ type: 'CRON', value: '0 * * * *' }],
    })
    const { added, removed } = configChange(of(5), of(2))
    expect(added.map(({ parts }) => plainWords(parts))).toEqual(['At most 5 at once'])
    expect(removed.map(({ parts }) => plainWords(parts))).toEqual(['At most 2 at once'])
  })

  it('is nothing between equal ones', () => {
    expect(configChange({ configuration: usual }, { configuration: usual })).toEqual({ added: [], removed: [] })
  })
})
