import { describe, expect, it } from 'vitest'
import type { Section } from './figures.ts'
import { Recorder } from './recorder.ts'
import { renderTable, type Table } from './table.ts'

const SECTIONS: readonly Section[] = [
  {
    heading: 'Null app',
    figures: [
      { id: 'rate', title: 'steps', unit: 'steps/s', digits: 0 },
      { id: 'cpu', title: 'CPU a step', unit: 'ms', digits: 3, goal: '≤ 0.10' },
      { id: 'beyond', title: 'beyond', unit: 'ms', digits: 1, beyondCeiling: 'latency' },
    ],
  },
  { heading: 'Not measured', figures: [{ id: 'other', title: 'other', unit: 'ms', digits: 0 }] },
]

const TABLE: Table = {
  sections: SECTIONS,
  contenders: ['pawl', 'floor', 'ceiling'],
  ratios: [
    ['pawl', 'floor'],
    ['pawl', 'ceiling'],
  ],
}

describe('renderTable', () => {
  it('shows medians with their spread, ratios and goals, and leaves out what was not measured', () => {
    const recorder = new Recorder()
    for (const [round, rate] of [9_000, 12_000, 10_000].entries()) {
      recorder.round = round
      recorder.add('rate', 'pawl', rate)
      recorder.add('rate', 'floor', 20_000)
    }
    recorder.add('cpu', 'pawl', 0.0815)
    expect(renderTable(recorder, TABLE)).toBe(
      [
        '              unit                      pawl                   floor      pawl ÷ floor    goal',
        '',
        'Null app',
        '  steps       steps/s  10,000 (9,000–12,000)  20,000 (20,000–20,000)  0.50 (0.45–0.60)',
        '  CPU a step  ms                       0.082                       ·                 ·  ≤ 0.10',
      ].join('\n'),
    )
  })

  it('shows a difference to the ceiling where a line asks for it', () => {
    const recorder = new Recorder()
    recorder.add('rate', 'pawl', 1)
    recorder.add('rate', 'ceiling', 1)
    recorder.add('latency', 'pawl', 3)
    recorder.add('latency', 'ceiling', 1)
    const line = renderTable(recorder, TABLE)
      .split('\n')
      .find((text) => text.includes('beyond'))
    expect(line?.split(/ {2,}/).slice(1)).toEqual(['beyond', 'ms', '2.0', '·', '·'])
  })
})
