import { describe, expect, it } from 'vitest'
import { Recorder } from './recorder.ts'

/** A machine that is twice as slow in the second round, for all alike. */
function twoRounds(): Recorder {
  const recorder = new Recorder()
  for (const [round, slow] of [
    [1, 1],
    [2, 2],
  ] as const) {
    recorder.round = round
    recorder.add('step', 'pawl', 3 * slow)
    recorder.add('step', 'ceiling', 1 * slow)
    recorder.add('step', 'ceiling', 2 * slow)
  }
  return recorder
}

describe('Recorder', () => {
  it('takes a ratio within a round, so that a slow round does not move it', () => {
    expect(twoRounds().ratio('step', 'pawl', 'ceiling')).toMatchObject({ count: 2, min: 2, p50: 2, max: 2 })
  })

  it('takes a difference within a round', () => {
    expect(twoRounds().difference('step', 'pawl', 'ceiling')).toMatchObject({ min: 1.5, max: 3 })
  })

  it('has no ratio when one of the two was not measured in the same round', () => {
    const recorder = new Recorder()
    recorder.add('step', 'pawl', 1)
    recorder.round = 2
    recorder.add('step', 'floor', 1)
    expect(recorder.ratio('step', 'pawl', 'floor')).toBeUndefined()
  })

  it('has no ratio to nothing', () => {
    const recorder = new Recorder()
    recorder.add('idle', 'pawl', 1)
    recorder.add('idle', 'floor', 0)
    expect(recorder.ratio('idle', 'pawl', 'floor')).toBeUndefined()
  })
})
