import { hashStepId, readOpcodes } from '@pawl/protocol'
import type { ItemRow, RunRow, StoredEvent } from '@pawl/storage'
import { describe, expect, it } from 'vitest'
import { StoreTime } from '../clock.ts'
import { ENGINE_LIMITS, type EngineLimits } from '../limits.ts'
import {
  aiGateway,
  complete,
  discover,
  gateway,
  invoke,
  none,
  type Op,
  planned,
  ran,
  sleep,
  stepFailed,
  stepThrew,
  waitFor,
  waitForSignal,
} from '../scenarios/answers.ts'
import {
  draftOver,
  entry,
  eventRow,
  factsOf,
  inWords,
  itemRow,
  type Known,
  NOW,
  planContext,
  registryOf,
  runRow,
  waitRow,
  wordsOf,
} from '../scenarios/rows.ts'
import { type AnswerWork, planAnswer, planLost, planUnreachable } from './plan-answer.ts'
import { prepareInvokes } from './prepare-invokes.ts'

const [A, B] = [hashStepId('a'), hashStepId('b')]

interface Given {
  readonly run?: Partial<RunRow>
  readonly item?: Partial<ItemRow>
  readonly known?: Known
  readonly seats?: number
  readonly yields?: boolean
  readonly noRetry?: boolean
  readonly retries?: number
  readonly stepsMax?: number
  /** `timeouts.finish` of the function. */
  readonly finish?: string
}

function prepare(given: Given, list: readonly Op[]) {
  const registry = registryOf(
    {
      f: { retries: given.retries ?? 4, ...(given.finish === undefined ? {} : { timeouts: { finish: given.finish } }) },
      g: {},
    },
    { waitPaths: [{ name: 'x', path: '' }] },
  )
  const run = runRow(given.run)
  const item = itemRow(given.item)
  const facts = factsOf({ ...given.known, runs: [run], items: [item, ...(given.known?.items ?? [])] })
  const draft = draftOver(facts, { seats: given.seats ?? 0 })
  const drafted = draft.run(run.key)
  if (drafted === undefined) throw new Error('there is no run')
  const limits: EngineLimits = { ...ENGINE_LIMITS, stepsMax: given.stepsMax ?? ENGINE_LIMITS.stepsMax }
  const ctx = planContext(registry, { limits })
  const ops = readOpcodes(JSON.stringify(list))
  const fn = entry(registry, 'f')
  const time = new StoreTime({ wall: () => NOW, monotonic: () => 0, setTimer: () => () => {} })
  time.observe(NOW)
  const invokes = prepareInvokes({ registry, newUlid: ctx.newUlid, time }, { run, fn, ops })
  const trigger = () => ({ name: 'f', data: { id: 7 } })
  const yields = given.yields ?? false
  const work: AnswerWork = { ctx, draft, run: drafted, facts, item, fn, mark: 0, trigger, invokes, yields }
  return { work, ops, draft, run: drafted }
}

/** What comes of an answer with these opcodes. */
function plan(list: readonly Op[], given: Given = {}) {
  const { work, ops, draft, run } = prepare(given, list)
  const base = { status: 206, version: 2, noRetry: given.noRetry ?? null, retryAfter: null }
  planAnswer(work, { ...base, kind: 'opcodes', ops })
  const { changes, effects } = draft.finish()
  return { changes, effects, run, words: wordsOf(changes).map(short) }
}

const short = (text: string): string => text.replaceAll(A, 'a').replaceAll(B, 'b')
/** The words of a run that goes on. */
const GOES_ON = 'set run running'

describe('an answer of one opcode', () => {
  it.each<[string, readonly Op[], readonly string[]]>([
    ['StepRun', [ran('a', 1)], ['put step a {"data":1}', 'put history step completed', 'set item call - leased']],
    [
      'StepRun of nothing',
      [ran('a', null)],
      ['put step a {"data":null}', 'put history step completed', 'set item call - leased'],
    ],
    ['StepPlanned', [planned('a')], ['set item call a leased']],
    [
      'StepFailed',
      [stepFailed('a')],
      [`put step a {"error":{"message":"boom","name":"Error"}}`, 'put history step failed', 'set item call - leased'],
    ],
    ['StepError', [stepThrew('a')], ['put history attempt errored', 'set item call - sleeping']],
    ['Sleep', [sleep('a', '10s')], ['set item sleep a sleeping']],
    ['WaitForEvent', [waitFor('a', 'x')], ['set item wait a sleeping', 'put wait event x']],
    [
      'WaitForEvent on a new path',
      [waitFor('a', 'y')],
      ['set item wait a sleeping', 'put wait event y', 'put waitPath'],
    ],
    [
      'WaitForEvent that can never hold',
      [waitFor('a', 'x', { if: 'event.data.none == async.data.none' })],
      ['set item wait a sleeping'],
    ],
    ['WaitForSignal', [waitForSignal('a', 's')], ['set item wait a sleeping', 'put wait signal s']],
    ['Gateway', [gateway('a')], ['set item gateway a leased']],
    ['AIGateway', [aiGateway('a')], ['set item gateway a leased']],
    ['DiscoveryRequest', [discover], ['set item call - leased']],
    ['None', [none], ['put history attempt errored', 'set item call - sleeping']],
    ['nothing', [], ['put history attempt errored', 'set item call - sleeping']],
  ])('%s', (_op, list, words) => {
    expect(plan(list).words).toEqual([GOES_ON, ...words])
  })

  it('RunComplete ends the run', () => {
    expect(plan([complete({ n: 1 })]).words).toEqual([
      'set run completed',
      'put output',
      'end items',
      'put history run completed',
      'put event inngest/function.finished',
    ])
  })

  it('InvokeFunction writes the wait, the event and the run of the other function together', () => {
    const { words, changes } = plan([invoke('a', 'app-g')])
    expect(words.map((text) => text.replace(/ 01\S+/, ''))).toEqual([
      GOES_ON,
      'set item wait a sleeping',
      'put wait invoke',
      'put event inngest/function.invoked',
      'put run',
      'put item call - ready',
    ])
    const run = changes.find((change) => 'put' in change && change.put === 'run')
    expect(run).toMatchObject({ row: { parentRun: 100, parentStep: A, correlation: `${runRow().id}.${A}` } })
  })

  it('InvokeFunction of an unknown function is an error of the step at once', () => {
    expect(plan([invoke('a', 'app-nobody')]).words).toContain(
      'put step a {"error":{"message":"could not find function with ID: app-nobody","name":"Error"}}',
    )
  })

  it.each(['Sleep', 'WaitForEvent', 'InvokeFunction', 'WaitForSignal'])(
    '%s of more than 366 days fails the run',
    (name) => {
      const list = {
        Sleep: [sleep('a', '367d')],
        WaitForEvent: [waitFor('a', 'x', { timeout: '367d' })],
        InvokeFunction: [invoke('a', 'app-g', { timeout: '367d' })],
        WaitForSignal: [waitForSignal('a', 's', { timeout: '367d' })],
      }[name]
      expect(plan(list ?? []).words[0]).toBe('set run failed')
    },
  )

  it.each(['DeferAdd', 'SyncRunComplete'])('%s, which is not built, fails the run in plain words', (op) => {
    const { words, changes } = plan([{ op, id: A, opts: { fn_slug: 'x' }, data: null }])
    expect(words[0]).toBe('set run failed')
    expect(JSON.stringify(changes)).toContain(op)
  })
})

describe('a known step', () => {
  it('that ran again keeps its first result, and the run is discovered all the same', () => {
    const { words } = plan([ran('a', 2)], { known: { memos: [`100 ${A}`] } })
    expect(words).toEqual([GOES_ON, 'set item call - leased'])
  })

  it.each([
    ['that has a result', { memos: [`100 ${A}`] }],
    ['that has an item', { items: [itemRow({ key: 201, step: A, state: 'leased' })] }],
  ])('%s is not planned again', (_what, known) => {
    for (const op of [
      planned('a'),
      sleep('a', '1s'),
      waitFor('a', 'x'),
      waitForSignal('a', 's'),
      gateway('a'),
      invoke('a', 'app-g'),
    ])
      expect(plan([op], { known, run: { open: 1 } }).words.filter((text) => text.startsWith('put'))).toEqual([])
  })

  it('that comes twice in one answer is planned once', () => {
    const { words } = plan([sleep('a', '1s'), sleep('a', '5s')])
    expect(words).toEqual([GOES_ON, 'set item sleep a sleeping'])
  })
})

describe('an answer of several opcodes', () => {
  it('opens a branch for each; the discovery becomes the first that the app can run', () => {
    const { words, run, effects } = plan([sleep('b', '1s'), planned('a')], { seats: 5 })
    expect(words).toEqual([GOES_ON, 'put item sleep b sleeping', 'set item call a leased'])
    expect(run.state).toMatchObject({ open: 2, racing: 0 })
    expect(effects.leased).toMatchObject([{ item: { key: 200, step: A, epoch: 2 } }])
    expect(effects.due).toBe(NOW + 1_000)
  })

  it('calls the others at once where there is a place, and leaves them ready where there is none', () => {
    expect(plan([planned('a'), planned('b')], { seats: 1 }).words).toContain('put item call b leased')
    expect(plan([planned('a'), planned('b')], { seats: 0 }).words).toContain('put item call b ready')
  })

  it('counts racers apart', () => {
    const race = { parallelMode: 'race' }
    expect(plan([planned('a', race), sleep('b', '1s', race)]).run.state).toMatchObject({ open: 0, racing: 2 })
  })

  it('keeps what ran beside what it plans', () => {
    const { words } = plan([ran('a'), sleep('b', '1s')])
    expect(words).toEqual([
      GOES_ON,
      'put step a {"data":"a"}',
      'put history step completed',
      'set item sleep b sleeping',
    ])
  })

  it('keeps what ran before the end', () => {
    expect(plan([ran('a'), complete(1)]).words.slice(0, 4)).toEqual([
      'set run completed',
      'put step a {"data":"a"}',
      'put history step completed',
      'put output',
    ])
  })

  it('keeps what ran before a failure', () => {
    const { words } = plan([ran('a'), sleep('b', '400d')])
    expect(words).toEqual(expect.arrayContaining(['set run failed', 'put step a {"data":"a"}']))
  })

  it('opens the branches beside a step that is tried again', () => {
    const { words, run } = plan([stepThrew('a'), sleep('b', '9s')])
    expect(words).toEqual([
      GOES_ON,
      'put item sleep b sleeping',
      'put history attempt errored',
      'set item call - sleeping',
    ])
    expect(run.state.open).toBe(1)
  })

  it('looks at waits first, so that two signals of one name are seen', () => {
    expect(plan([waitForSignal('a', 's'), waitForSignal('b', 's')]).words[0]).toBe('set run failed')
    expect(plan([waitForSignal('a', 's'), waitForSignal('b', 's', { conflict: 'replace' })]).words[0]).toBe(GOES_ON)
  })

  it('makes version 1 plan for the rest of the run, and version 2 not', () => {
    expect(plan([planned('a'), planned('b')], { run: { version: 1 } }).run.state.forcePlan).toBe(true)
    expect(plan([planned('a'), planned('b')]).run.state.forcePlan).toBe(false)
    expect(plan([planned('a')], { run: { version: 1 } }).run.state.forcePlan).toBe(false)
  })

  it('learns the version from the first answer and keeps it', () => {
    expect(plan([ran('a')], { run: { version: -1 } }).run.state.version).toBe(2)
    expect(plan([ran('a')], { run: { version: 1 } }).run.state.version).toBe(1)
  })
})

describe('a step that throws', () => {
  it.each<[string, Given, boolean]>([
    ['with attempts left', { retries: 1 }, false],
    ['on its last attempt', { retries: 1, item: { attempt: 1 } }, true],
    ['under a header that forbids another', { noRetry: true }, true],
    ['under a header that allows it, on its last attempt', { noRetry: false, retries: 0 }, true],
  ])('%s', (_what, given, isFinal) => {
    const { words, changes } = plan([stepThrew('a')], given)
    expect(words.some((text) => text.startsWith('put step'))).toBe(isFinal)
    const item = changes.find((change) => 'set' in change && change.set === 'item')
    expect(item).toMatchObject({ row: { attempt: isFinal ? 0 : 1, state: isFinal ? 'leased' : 'sleeping' } })
    if (!isFinal) expect(item).toMatchObject({ row: { due: NOW + 1_000, claims: 0, owner: 0, epoch: 2 } })
  })

  it('after it had a result has that result', () => {
    expect(plan([stepThrew('a')], { known: { memos: [`100 ${A}`] } }).words).toEqual([
      GOES_ON,
      'set item call - leased',
    ])
  })
})

describe('the answer of a planned step', () => {
  const item = { step: A, detail: '{"name":"a","kind":"run"}' }

  it('that is not the last ends its branch', () => {
    const { words, run } = plan([ran('a')], { item, run: { open: 2 } })
    expect(words.at(-1)).toBe('end item')
    expect(run.state.open).toBe(1)
  })

  it('that is the last goes on as the discovery', () => {
    const { words, effects } = plan([ran('a')], { item, run: { open: 1 } })
    expect(words.at(-1)).toBe('set item call - leased')
    expect(effects.leased).toMatchObject([{ item: { key: 200, step: '', epoch: 2, attempt: 0, detail: null } }])
  })

  it('that found nothing to run ends its branch, and leaves a trace of it', () => {
    const { words } = plan([none], { item, run: { open: 2 } })
    expect(words).toEqual([GOES_ON, 'put history attempt errored', 'end item'])
  })

  it('that plans the step once more has failed like any attempt', () => {
    const { words } = plan([planned('a')], { item, run: { open: 1 } })
    expect(words).toEqual([GOES_ON, 'put history attempt errored', 'set item call a sleeping'])
  })

  it('that throws is tried again by itself', () => {
    const { words, changes } = plan([stepThrew('a')], { item, run: { open: 2 } })
    expect(words).toEqual([GOES_ON, 'put history attempt errored', 'set item call a sleeping'])
    expect(changes.find((change) => 'put' in change && change.put === 'history')).toMatchObject({
      row: { name: 'a', step: A },
    })
  })

  it('with a result of a run that has as many steps as it may is not one too many', () => {
    expect(plan([ran('a')], { item, run: { open: 3, steps: 2 }, stepsMax: 5 }).words[0]).toBe(GOES_ON)
    expect(plan([ran('a')], { item, run: { open: 3, steps: 3 }, stepsMax: 5 }).words[0]).toBe('set run failed')
  })
})

describe('a discovery that found nothing new', () => {
  it('rests while branches or racers are open', () => {
    expect(plan([none], { run: { open: 1 } }).words).toEqual(['end item'])
    expect(plan([none], { run: { racing: 1 } }).words.at(-1)).toBe('end item')
  })

  it('looks again when a branch ended meanwhile', () => {
    const given = { run: { version: 1, open: 0 }, item: { again: true } }
    expect(plan([none], given).words).toEqual([GOES_ON, 'set item call - leased'])
  })

  it('opens what it found and looks again when a branch ended meanwhile', () => {
    const { words } = plan([planned('a')], { run: { version: 1, open: 1 }, item: { again: true } })
    expect(words).toEqual([GOES_ON, 'put item call a ready', 'set item call - leased'])
  })
})

describe('a run that goes on', () => {
  it('keeps its place, with a new epoch and all attempts', () => {
    const { effects } = plan([ran('a')], { item: { attempt: 3, epoch: 9, claims: 4 } })
    expect(effects.leased).toMatchObject([{ item: { epoch: 10, attempt: 0, claims: 0 }, rev: 2 }])
  })

  it('goes through the ready index when others wait for its place', () => {
    const { words, effects } = plan([ran('a')], { yields: true })
    expect(words.at(-1)).toBe('set item call - ready')
    expect(effects).toMatchObject({ leased: [], ready: true })
  })
})

describe('a wait', () => {
  const event = (part: Partial<StoredEvent['row']>, data: object): StoredEvent => {
    const row = eventRow({ key: 60, name: 'x', ...part })
    return { row, text: JSON.stringify({ name: 'x', id: row.id, data, ts: NOW, user: {} }), ofRun: null }
  }
  const MATCH = { if: 'event.data.id == async.data.id' }

  it('is resolved at once by an event that came since its call began', () => {
    const { words } = plan([waitFor('a', 'x', MATCH)], {
      known: { since: [event({}, { id: 8 }), event({}, { id: 7 })] },
    })
    expect(words[1]).toMatch(/^put step a \{"name":"x".*"id":7/)
    expect(words.slice(2)).toEqual(['put history step completed', 'set item call - leased', 'put effect'])
  })

  it.each<[string, StoredEvent, Op]>([
    ['for another', event({}, { id: 8 }), MATCH],
    ['that is a repeat', event({ isRepeat: true }, { id: 7 }), MATCH],
    ["that is the run's own", event({ key: 50 }, { id: 7 }), MATCH],
    ['after it has expired', event({}, { id: 7 }), { ...MATCH, timeout: '' }],
  ])('is not resolved by an event %s', (_what, found, opts) => {
    expect(plan([waitFor('a', 'x', opts)], { known: { since: [found] } }).words).toContain('set item wait a sleeping')
  })

  it('keeps its key apart from the rest of its condition', () => {
    const { changes } = plan([waitFor('a', 'x', { if: 'async.data.id == event.data.id && async.data.n > 5' })])
    const [wait] = changes.flatMap((change) => ('put' in change && change.put === 'wait' ? [change.row] : []))
    expect(wait).toMatchObject({ item: 200, path: 'data.id', value: '7', until: NOW + 3_600_000 })
    expect(wait?.rest).toContain('async.data.n > 5')
  })

  it('whose condition does not compile fails the run', () => {
    const { words, changes } = plan([waitFor('a', 'x', { if: 'async.' })])
    expect(words[0]).toBe('set run failed')
    expect(JSON.stringify(changes)).toContain('InvalidExpression')
  })

  it('for a signal that another run waits for fails the run, or takes its place', () => {
    const held = waitRow({ key: 9, run: 999, kind: 'signal', name: 's' })
    expect(plan([waitForSignal('a', 's')], { known: { waits: [held] } }).words[0]).toBe('set run failed')
    const { words } = plan([waitForSignal('a', 's', { conflict: 'replace' })], { known: { waits: [held] } })
    expect(words).toEqual([GOES_ON, 'set wait signal ', 'set item wait a sleeping', 'put wait signal s'])
  })
})

describe('a secret of a request', () => {
  it('stands in the item that makes it and nowhere else', () => {
    const { changes } = plan([aiGateway('a', { auth_key: 'secret', format: 'anthropic' }), sleep('b', '1s')])
    const holding = changes.filter((change) => JSON.stringify(change).includes('secret'))
    expect(holding.map((change) => short(inWords(change)))).toEqual(['set item gateway a leased'])
  })
})

describe('a call that failed', () => {
  it.each<[string, Given, string]>([
    ['with attempts left is tried again', {}, 'set item call - sleeping'],
    ['on its last attempt fails the run', { retries: 0 }, 'put event inngest/function.failed'],
  ])('%s', (_what, given, last) => {
    const { work, draft } = prepare(given, [])
    planLost(work, '{"message":"gone","name":"Error"}')
    expect(wordsOf(draft.finish().changes).at(-1)).toBe(last)
  })

  it('of an app that cannot be reached waits without using an attempt', () => {
    const { work, draft } = prepare({ item: { attempt: 2, claims: 5 } }, [])
    planUnreachable(work)
    expect(draft.finish().changes.findLast((change) => !('add' in change))).toMatchObject({
      row: { state: 'ready', attempt: 2, claims: 0, owner: 0 },
    })
  })

  it('keeps name and message of an error that is too long', () => {
    const { work, draft } = prepare({}, [])
    planLost(work, JSON.stringify({ message: 'm'.repeat(20_000), name: 'Error', stack: 's'.repeat(20_000) }))
    const history = draft.finish().changes.find((change) => 'put' in change && change.put === 'history')
    const kept = JSON.parse(history !== undefined && 'error' in history ? (history.error ?? '') : '')
    expect(kept).toEqual({ name: 'Error', message: 'm'.repeat(8_192) })
  })
})

describe('an answer that brings nothing new', () => {
  const known = { memos: [`100 ${A}`] }

  it('is followed by another call, since a lost acknowledgement looks the same', () => {
    const { words, effects } = plan([ran('a')], { known })
    expect(words).toEqual([GOES_ON, 'set item call - leased'])
    expect(effects.leased).toMatchObject([{ item: { claims: 2, attempt: 0 } }])
  })

  it('ends the run when it comes again and again', () => {
    const { words, changes } = plan([ran('a')], { known, item: { claims: ENGINE_LIMITS.claimsMax - 1 } })
    expect(words[0]).toBe('set run failed')
    const output = changes.find((change) => 'put' in change && change.put === 'output')
    expect(output).toMatchObject({ isError: true, text: expect.stringContaining('NoProgress') })
  })
})

describe('a run that has gone on longer than its function allows', () => {
  const given: Given = { finish: '1s', run: { startedAt: NOW - 1_000 } }

  it('still completes with the answer of a call that was out', () => {
    const { work, draft } = prepare(given, [])
    planAnswer(work, { kind: 'returned', status: 200, version: 2, noRetry: null, retryAfter: null, dataText: '1' })
    expect(inWords(draft.finish().changes[0] ?? { end: 'everything' })).toBe('set run completed')
  })

  it('begins nothing more: it is cancelled, and the result that came is kept', () => {
    const { words } = plan([ran('a', 1)], given)
    expect(words[0]).toBe('set run cancelled')
    expect(words).toContain('put step a {"data":1}')
  })

  it('is not tried again', () => {
    expect(plan([stepThrew('a')], given).words[0]).toBe('set run cancelled')
  })
})
