// Functions that nobody thought of: small trees of steps, drawn at random and played as a script. They never fail by
// themselves, since what may throw in them is caught.

import type { Random } from './random.ts'
import { all, ask, caught, race, run, type Script, type ScriptContext, sleep, wait } from './script.ts'
import { APP_NAME, EVENT_NAMES } from './sim-function.ts'
import type { Stock } from './stock.ts'

/** Deepest nesting of branches. */
const DEPTH_MAX = 2

type Play = (ctx: ScriptContext) => Script

/** Draws one program and puts it into the app. */
export function putProgram({ random, add }: Stock, number: number): void {
  const draft: Draft = { random, name: `program-${number}`, steps: 0 }
  const play = drawSequence(draft, random.whole(2, 4), 0)
  const trigger = random.pick(['order/made', 'user/seen', 'stock/low'])
  const retries = random.whole(2, 4)
  const script = (ctx: ScriptContext) => play(ctx)
  add({ id: draft.name, config: { triggers: [{ event: trigger }], retries }, mayFail: false, script })
}

interface Draft {
  readonly random: Random
  readonly name: string
  steps: number
}

function drawSequence(draft: Draft, length: number, depth: number): Play {
  const parts = Array.from({ length }, () => drawPart(draft, depth))
  return function* (ctx) {
    const values: unknown[] = []
    for (const part of parts) values.push(yield* part(ctx))
    return values
  }
}

function drawPart(draft: Draft, depth: number): Play {
  const { random } = draft
  if (depth >= DEPTH_MAX || draft.steps > 8 || random.chance(0.65)) return drawStep(draft)
  const branches = Array.from({ length: random.whole(2, 3) }, () => drawSequence(draft, random.whole(1, 2), depth + 1))
  const isRace = random.chance(0.35)
  return function* (ctx) {
    const scripts = branches.map((branch) => branch(ctx))
    return isRace ? yield* race(...scripts) : yield* all(...scripts)
  }
}

function drawStep(draft: Draft): Play {
  const { random } = draft
  draft.steps += 1
  const id = `${draft.steps}`
  const ms = random.pick([0, 300, 2_500, 9_000])
  const timeoutMs = random.pick([0, 1_500, 12_000])
  const fails = random.pick([0, 0, 1, 2, Number.POSITIVE_INFINITY])
  const event = random.pick(EVENT_NAMES)
  const name = random.pick(['blue', 'red'])
  const draws: readonly Play[] = [
    () => run(id),
    () => run(id),
    () => run(id),
    () => caught(run(id, { fails, isFinal: fails > 2 })),
    () => sleep(id, ms),
    ({ event: { data } }) => wait({ id, event, key: timeoutMs > 2_000 ? String(data.key) : null, timeoutMs }),
    () => ask({ kind: 'signal', id, signal: name, conflict: 'replace', timeoutMs }),
    () => caught(ask({ kind: 'invoke', id, slug: `${APP_NAME}-chain`, data: { key: name }, timeoutMs: 20_000 })),
    ({ event: { data } }) => run(id, { sends: { name: 'order/paid', data: { key: String(data.key), amount: 9 } } }),
    () => caught(ask({ kind: 'fetch', id, url: `http://other.test/${id}` })),
  ]
  return random.pick(draws)
}
