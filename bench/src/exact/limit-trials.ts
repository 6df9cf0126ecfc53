// The trials of concurrency: a saturating load of which everything is queued at once.

import type { Call } from './call-log.ts'
import { judgeLimit, judgeUse, judgeUseBelow, type Limit } from './judge-concurrency.ts'
import type { FunctionSetup } from './recording-app.ts'
import { holdMs, judgeAccounts, postAll, type Seen, type Size, type Trial, untilAllEnded } from './trial.ts'

/** A trial of concurrency; most need not say everything. */
interface LimitTrial {
  readonly title: string
  readonly concurrency: unknown
  /** The one whose use is judged comes first. */
  readonly limits: readonly [Limit, ...Limit[]]
  /** Slots that there are in all. */
  readonly slots: number
  readonly keys?: number
  readonly functions?: readonly string[]
  readonly steps?: number
  readonly kind?: FunctionSetup['kind']
  /** Several calls make a run: so many fewer runs. */
  readonly fewer?: number
}

const KEYED = 20
const TWO_RULES_KEYS = 40

function limitOf(title: string, limit: number, rest: Partial<Limit> = {}): Limit {
  return { title, limit, groupOf: () => 'all', counts: 'calls', ...rest }
}

const byKey = ({ key }: Pick<Call, 'key'>) => key

/** Limits of open calls. */
export const ONE = limitTrial({
  title: 'concurrency 1',
  concurrency: [{ limit: 1 }],
  limits: [limitOf('function', 1)],
  slots: 1,
})

export const FIVE = limitTrial({
  title: 'concurrency 5',
  concurrency: [{ limit: 5 }],
  limits: [limitOf('function', 5)],
  slots: 5,
})

export const BY_KEY = limitTrial({
  title: `concurrency 2 by key, ${KEYED} keys`,
  concurrency: [{ limit: 2, key: 'event.data.key' }],
  limits: [limitOf('key', 2, { groupOf: byKey })],
  slots: 2 * KEYED,
  keys: KEYED,
})

export const TWO_RULES = limitTrial({
  title: `concurrency 10, and 1 by key, ${TWO_RULES_KEYS} keys`,
  concurrency: [{ limit: 10 }, { limit: 1, key: 'event.data.key' }],
  limits: [limitOf('function', 10), limitOf('key', 1, { groupOf: byKey })],
  slots: 10,
  keys: TWO_RULES_KEYS,
})

export const ENVIRONMENT = limitTrial({
  title: 'concurrency 4 of two functions together (scope env)',
  concurrency: [{ limit: 4, scope: 'env', key: '"shared"' }],
  limits: [limitOf('both functions', 4)],
  slots: 4,
  functions: ['first', 'second'],
})

export const WHOLE_RUNS = limitTrial({
  title: 'concurrency of 5 whole runs, three calls each',
  concurrency: { fn: [{ limit: 5 }] },
  limits: [limitOf('runs', 5, { counts: 'runs' })],
  slots: 5,
  steps: 2,
})

export const PARALLEL = limitTrial({
  title: 'concurrency 5, runs of ten parallel steps',
  concurrency: [{ limit: 5 }],
  limits: [limitOf('function', 5)],
  slots: 5,
  steps: 10,
  kind: 'parallel',
  fewer: 10,
})

function limitTrial(trial: LimitTrial): Trial {
  const { title, keys = 1, functions = ['only'], steps = 0, kind = 'sequence', fewer = 1 } = trial
  const runsIn = (size: Size) => Math.ceil(size.runs / fewer)
  const callsOfRun = kind === 'parallel' ? steps + 2 : steps + 1
  const setup = (size: Size) => (name: string) => ({
    name,
    event: `exact/${name}`,
    config: { concurrency: trial.concurrency },
    steps,
    kind,
    holdMs: holdMs(size, { slots: trial.slots, calls: runsIn(size) * callsOfRun }),
  })
  return {
    title,
    functions: (size) => functions.map(setup(size)),
    load: async (stand) => {
      const events = Array.from({ length: runsIn(stand.size) }, (_, number) => ({
        name: `exact/${functions[number % functions.length]}`,
        number,
        key: number % keys,
      }))
      await postAll(stand.sender, events)
      await untilAllEnded(stand)
    },
    judge: (seen) => [
      ...judgeAccounts(seen),
      ...trial.limits.map((limit) => judgeLimit(seen.calls, limit)),
      use(trial, seen),
    ],
  }
}

function use({ limits: [outer, inner] }: LimitTrial, { calls, disturbed }: Seen) {
  return inner === undefined ? judgeUse(calls, outer, disturbed) : judgeUseBelow(calls, { outer, inner, disturbed })
}
