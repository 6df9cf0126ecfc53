import type { Json } from '@pawl/protocol'
import type { ItemRow } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { draftOver, factsOf, itemRow, type Known, NOW, registryOf, runRow, wordsOf } from '../scenarios/rows.ts'
import type { Draft } from './draft.ts'
import { moveLines } from './move-lines.ts'
import { placeItem } from './place-item.ts'

const L = 'steps:fn2::'
const T = 'throttle:2:'
const FLOW = JSON.stringify({ steps: [L], runs: null, throttle: null })

/** An item of run `run` that stands in the line. */
function waiting(run: number, part: Partial<ItemRow> = {}): ItemRow {
  return itemRow({
    key: run + 1_000,
    run,
    state: 'blocked',
    owner: 0,
    startedAt: null,
    limits: [L],
    line: L,
    rank: NOW + run,
    ...part,
  })
}

const HOLDER = itemRow({ limits: [L], holds: true })

function act(
  known: Known & { readonly options?: { readonly [option: string]: Json }; readonly seats?: number },
  decide: (draft: Draft) => void,
) {
  const { options = { concurrency: 1 }, seats = 10, items = [], runs = [] } = known
  const all = [...new Set(items.flatMap((item) => item.run ?? []))].map((key) => runRow({ key, flow: FLOW }))
  const registry = registryOf({ f: options })
  const draft = draftOver(factsOf({ ...known, runs: [...runs, ...all] }), { seats, registry })
  decide(draft)
  moveLines(draft)
  const { changes, effects } = draft.finish()
  return { words: wordsOf(changes), effects, changes }
}

/** The holder ends, and with it gives its slot up. */
function endHolder(draft: Draft): void {
  const run = draft.run(100)
  run?.endItem(HOLDER)
}

describe('a slot that is freed', () => {
  it('goes to the next in line, which this process calls at once', () => {
    const line = [waiting(300), waiting(301)]
    const limits = { [L]: { held: 1, items: line, isWhole: true } }
    const { words, effects } = act({ items: [HOLDER, ...line], limits }, endHolder)
    expect(words).toEqual(['end item', 'set item call - leased'])
    expect(effects.leased).toMatchObject([{ item: { run: 300, holds: true, line: null, epoch: 2 } }])
  })

  it('goes to the next in line as ready, where there is no place for the call', () => {
    const line = [waiting(300)]
    const limits = { [L]: { held: 1, items: line, isWhole: true } }
    const { words, effects } = act({ items: [HOLDER, ...line], limits, seats: 0 }, endHolder)
    expect([words, effects.ready]).toEqual([['end item', 'set item call - ready'], true])
  })

  it('goes to nobody while as many are held as a lowered limit allows', () => {
    const line = [waiting(300)]
    const limits = { [L]: { held: 3, items: line, isWhole: true } }
    expect(act({ items: [HOLDER, ...line], limits, options: { concurrency: 2 } }, endHolder).words).toEqual([
      'end item',
    ])
  })

  it('is handed over where the limit is not locked', () => {
    const { words, changes } = act({ items: [HOLDER] }, endHolder)
    expect(words).toEqual(['end item', 'put item line - leased'])
    expect(changes.at(-1)).toMatchObject({ row: { detail: JSON.stringify({ names: [L] }) } })
  })

  it('is handed over where the line is longer than what was read and all of that could go', () => {
    const limits = { [L]: { held: 1, items: [], isWhole: false } }
    expect(act({ items: [HOLDER], limits }, endHolder).words).toEqual(['end item', 'put item line - leased'])
  })

  it('passes those who wait for another limit on to its line', () => {
    const M = 'steps:fn2:0123456789ab:a'
    const concurrency: Json = [{ limit: 1 }, { limit: 1, key: 'event.data.u' }]
    const registry = registryOf({ f: { concurrency } })
    const keyed = [...registry.functions()][0]?.rules.concurrency[1]?.prefix ?? ''
    const name = `${keyed}a`
    const line = [waiting(300, { limits: [L, name] }), waiting(301, { limits: [L, `${keyed}b`] })]
    const limits = {
      [L]: { held: 1, items: line, isWhole: true },
      [name]: { held: 1, isWhole: true },
      [`${keyed}b`]: { held: 0, isWhole: true },
    }
    const { changes, effects } = act({ items: [HOLDER, ...line], limits, options: { concurrency } }, endHolder)
    expect(M).not.toBe(name)
    expect(changes[1]).toMatchObject({ row: { run: 300, state: 'blocked', line: name, holds: false } })
    expect(effects.leased).toMatchObject([{ item: { run: 301, holds: true } }])
  })

  it('is kept by an item that is ready or leased, and given up by one that rests', () => {
    for (const [state, freed] of [
      ['ready', false],
      ['leased', false],
      ['sleeping', true],
    ] as const) {
      const { changes, words } = act({ items: [HOLDER], limits: { [L]: { held: 1, isWhole: true } } }, (draft) =>
        draft.run(100)?.setItem({ ...HOLDER, state }),
      )
      expect([words, changes[0]]).toMatchObject([[`set item call - ${state}`], { row: { holds: !freed } }])
    }
  })
})

describe('a line of those who wait for two limits', () => {
  const [C, R] = ['steps:fn2::', 'throttle:2:']
  const options = { concurrency: 1, throttle: { limit: 1, period: '1s', burst: 9 } }
  const both = { limits: [C, R] }

  it('sends one over when the other limit has no room, and leaves the rest where they stand', () => {
    const line = [300, 301, 302].map((run) => waiting(run, { ...both, line: R }))
    const limits = { [C]: { held: 1, isWhole: true }, [R]: { items: line, isWhole: true } }
    const { changes, words } = act({ items: line, limits, options }, (draft) => draft.ledger.stir(R))
    expect(words).toEqual(['set item call - blocked'])
    expect(changes).toMatchObject([{ row: { run: 300, line: C } }])
  })

  it('sends the next one over when that one is let in', () => {
    const first = waiting(300, { ...both, line: C })
    const rest = [301, 302].map((run) => waiting(run, { ...both, line: R }))
    const limits = { [C]: { held: 1, items: [first], isWhole: true }, [R]: { items: rest, isWhole: true } }
    const { changes } = act({ items: [HOLDER, first, ...rest], limits, options }, endHolder)
    const moved = changes.flatMap((change) => ('row' in change && 'line' in change.row ? [change.row] : []))
    expect(moved).toMatchObject([
      { run: 300, state: 'leased', line: null },
      { run: 301, state: 'blocked', line: C },
    ])
  })

  it('sends the next one over when that one ends', () => {
    const first = waiting(300, { ...both, line: C })
    const rest = [301].map((run) => waiting(run, { ...both, line: R }))
    const limits = { [C]: { held: 1, items: [first], isWhole: true }, [R]: { items: rest, isWhole: true } }
    const { changes } = act({ items: [first, ...rest], limits, options }, (draft) => draft.run(300)?.endItem(first))
    expect(changes).toMatchObject([{ end: 'item' }, { row: { run: 301, line: C } }])
  })
})

describe('an item that could be called', () => {
  const fresh = itemRow({ state: 'sleeping', owner: 0, limits: [L] })

  it('stands behind those who stand in line already, who are let in at once where there is room', () => {
    const line = [waiting(300)]
    const limits = { [L]: { held: 0, items: line, isWhole: true } }
    const { changes } = act({ items: [fresh, ...line], limits }, (draft) => {
      const run = draft.run(100)
      if (run !== undefined) placeItem(draft, run, fresh)
    })
    expect(changes).toMatchObject([{ row: { run: 100, state: 'blocked' } }, { row: { run: 300, state: 'leased' } }])
  })

  it('waits for the start that a rate allows, with one timer for the line', () => {
    const item = itemRow({ state: 'sleeping', owner: 0, limits: [T] })
    const limits = { [T]: { tat: (NOW + 10_000) * 1_000, isWhole: true } }
    const options = { throttle: { limit: 1, period: '10s' } }
    const { changes, effects } = act({ items: [item], limits, options }, (draft) => {
      const run = draft.run(100)
      if (run === undefined) return
      placeItem(draft, run, item)
      placeItem(draft, run, { ...item, step: 'b' }, { isNew: true })
    })
    const timers = changes.filter((change) => 'row' in change && 'kind' in change.row && change.row.kind === 'line')
    expect(timers).toMatchObject([{ put: 'item', row: { step: T, state: 'sleeping', due: NOW + 10_000 } }])
    expect(effects.due).toBe(NOW + 10_000)
  })

  it('stands in the pause of its function, and holds nothing there', () => {
    const pause = { new: 'hold', running: 'hold', by: 'test', since: NOW } as const
    const { changes } = act(
      { items: [HOLDER], options: { concurrency: 1, pause }, limits: { [L]: { held: 1, isWhole: true } } },
      (draft) => {
        const run = draft.run(100)
        if (run !== undefined) placeItem(draft, run, HOLDER)
      },
    )
    // The pause may be over by now: one look at its line follows.
    expect(changes).toMatchObject([
      { row: { state: 'blocked', line: 'pause:2', holds: false } },
      { row: { kind: 'line', state: 'leased' } },
    ])
  })

  it('passes a limit that its function has no more', () => {
    const { effects } = act({ items: [fresh], options: {} }, (draft) => {
      const run = draft.run(100)
      if (run !== undefined) placeItem(draft, run, fresh)
    })
    expect(effects.leased).toMatchObject([{ item: { limits: [], holds: false } }])
  })
})
