import { describe, expect, it } from 'vitest'
import type { FnRow } from '../../api/types.ts'
import { shownFunctions } from './shown-functions.ts'

function row(name: string, change: Partial<FnRow> = {}): FnRow {
  return {
    id: name,
    internalId: name,
    name,
    slug: `shop-${name}`,
    isPaused: false,
    isArchived: false,
    app: { id: 'shop' },
    configuration: { retries: { value: 4, isDefault: true } },
    state: 'active',
    stats: { started: 0, ended: 0, failed: 0, spark: [] },
    backlog: { ready: 0, leased: 0, sleeping: 0, blocked: 0 },
    ...change,
  }
}

const names = (rows: readonly FnRow[]) => rows.map(({ name }) => name)

describe('the list of functions', () => {
  it('is in order of names until another order is chosen', () => {
    expect(names(shownFunctions([row('b'), row('A'), row('c')], {}))).toEqual(['A', 'b', 'c'])
  })

  it('finds every word in names, triggers and apps', () => {
    const rows = [row('mail', { triggers: [{ type: 'EVENT', value: 'user/signed.up' }] }), row('bill')]
    expect(names(shownFunctions(rows, { words: 'SIGNED shop' }))).toEqual(['mail'])
    expect(shownFunctions(rows, { words: 'mail bill' })).toEqual([])
  })

  it('keeps the chosen app and states', () => {
    const rows = [row('a', { state: 'paused' }), row('b'), row('c', { app: { id: 'other' }, state: 'paused' })]
    expect(names(shownFunctions(rows, { state: ['paused'], appId: 'shop' }))).toEqual(['a'])
  })

  it('puts functions without runs last in either order of the failure rate', () => {
    const of = (ended: number, failed: number) => ({ stats: { started: ended, ended, failed, spark: [] } })
    const rows = [row('none'), row('bad', of(10, 5)), row('good', of(10, 0))]
    expect(names(shownFunctions(rows, { sort: 'failureRate', order: 'DESC' }))).toEqual(['bad', 'good', 'none'])
    expect(names(shownFunctions(rows, { sort: 'failureRate', order: 'ASC' }))).toEqual(['good', 'bad', 'none'])
  })
})
