// Memos and history: what has ended.
import { describe, expect, test } from 'vitest'
import type { Here } from './index.ts'
import { aFunction, aHistoryRow, anApp, anEvent, aRun, aStep, hash } from './rows.ts'
import { done, reading, writing } from './world.ts'

async function putRun(here: Here): Promise<number> {
  const [event = 0, run = 0] = await here().keys(2)
  await here().put(
    { put: 'event', row: anEvent({ key: event }), body: '{}' },
    { put: 'run', row: aRun({ key: run, event }) },
  )
  return run
}

export function describeSteps(here: Here): void {
  describe('steps and history', () => {
    test('a memo is kept as the text that it was', async () => {
      const run = await putRun(here)
      const row = aStep({
        run,
        step: '0123456789abcdef0123456789abcdef01234567',
        memo: '{"data":"é\\u0000"}',
        input: '[1]',
      })
      await here().put({ put: 'step', row })
      expect((await here().store.state.load([run]))[0]?.steps).toEqual([row])
      const steps = [{ run, step: row.step }]
      expect(await here().read({ steps }, (facts) => facts.hasMemo(run, row.step))).toBe(true)
    })

    test('a memo is never replaced', async () => {
      const run = await putRun(here)
      await here().put({ put: 'step', row: aStep({ run }) })
      await expect(here().put({ put: 'step', row: aStep({ run, memo: '{"data":2}' }) })).rejects.toThrow('has a memo')
      expect((await here().store.state.load([run]))[0]?.steps).toEqual([aStep({ run })])
    })

    test('an input-only memo is no result, and gives way to one', async () => {
      const run = await putRun(here)
      await here().put({ put: 'step', row: aStep({ run, position: -1, memo: '', input: '[2]' }) })
      const hasMemo = (step: string) => reading({ steps: [{ run, step }] }, (facts) => facts.hasMemo(run, step))
      const edit = writing({}, () => ({
        changes: [{ put: 'step' as const, row: aStep({ run, step: hash('b'), position: -1, input: '[3]' }) }],
        result: false,
      }))
      expect((await here().group(edit, hasMemo(hash('a')), hasMemo(hash('b')))).map(done)).toEqual([
        false,
        false,
        false,
      ])
      const result = aStep({ run, input: '[2]' })
      await here().put({ put: 'step', row: result })
      expect(done(await here().store.commit(hasMemo(hash('a'))))).toBe(true)
      expect((await here().store.state.load([run]))[0]?.steps[0]).toEqual(result)
    })

    test('of one group, a later operation sees the memo of an earlier one', async () => {
      const run = await putRun(here)
      const once = writing({ steps: [{ run, step: hash('a') }] }, (facts) => {
        const isNew = !facts.hasMemo(run, hash('a'))
        return { changes: isNew ? [{ put: 'step' as const, row: aStep({ run }) }] : [], result: isNew }
      })
      expect((await here().group(once, once)).map(done)).toEqual([true, false])
    })

    test('history rows are kept in order, with their errors', async () => {
      const run = await putRun(here)
      await here().put({ put: 'app', row: anApp({ key: 1 }) }, { put: 'function', row: aFunction({ key: 1, app: 1 }) })
      const failed = aHistoryRow({
        run,
        kind: 'attempt',
        status: 'errored',
        attempt: 1,
        stepKind: null,
        step: '',
        name: '',
      })
      const ended = aHistoryRow({ run, seq: 2, detail: '{"sleepUntil":5}' })
      await here().put(
        { put: 'history', row: failed, error: '{"message":"no"}' },
        { put: 'history', row: ended, error: null },
      )
      const record = await here().store.lists.record(aRun({ key: run }).id)
      expect(record?.history).toEqual([
        { row: failed, error: '{"message":"no"}' },
        { row: ended, error: null },
      ])
    })
  })
}
