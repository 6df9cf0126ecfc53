// A process with twenty places and a function that has more ready runs than that: what others find, and that everything
// comes to its end. That the world comes to rest says that nobody looks again and again for what has no place.
import { afterEach, describe, expect, it } from 'vitest'
import type { CallResult } from '../drivers/driver.ts'
import { returned } from '../scenarios/answers.ts'
import { type FunctionOptions, held, type Script, World } from '../scenarios/world.ts'

const PLACES = 20
/** With more than two functions a tenth of the places is kept. */
const KEPT = 2
const QUEUED = 50

let world: World
/** Calls that wait for their answer, by function. */
let open: { readonly fn: string; give(result: CallResult): void }[]

afterEach(() => world.close())

async function openWorld(...fns: readonly string[]): Promise<void> {
  open = []
  world = await World.open({ callsMax: PLACES })
  const scripts = fns.map((fn) => [fn, [{}, () => wait(fn)]] as const)
  await world.register(Object.fromEntries<readonly [FunctionOptions, Script]>(scripts))
}

function wait(fn: string): Promise<CallResult> {
  const call = held()
  open.push({ fn, give: call.give })
  return call.promise
}

async function send(fn: string, count: number): Promise<void> {
  await world.send(...Array.from({ length: count }, () => ({ name: fn })))
}

function openOf(fn: string): number {
  return open.filter((call) => call.fn === fn).length
}

/** Answers the oldest open call of a function. */
async function end(fn: string): Promise<void> {
  const at = open.findIndex((call) => call.fn === fn)
  open.splice(at, 1)[0]?.give(returned(1))
  await world.rest()
}

describe('a function with more ready runs than there are places', () => {
  it('takes all of them when it is the only one', async () => {
    await openWorld('busy')
    await send('busy', QUEUED)
    expect(openOf('busy')).toBe(PLACES)
  })

  it('leaves some to others, whose runs are called at once', async () => {
    await openWorld('busy', 'small', 'other')
    await send('busy', QUEUED)
    expect(openOf('busy')).toBe(PLACES - KEPT)
    await send('small', 1)
    await send('other', 1)
    expect([openOf('small'), openOf('other')]).toEqual([1, 1])
  })

  it('does not come before what others have queued when a call ends', async () => {
    await openWorld('busy', 'small', 'other')
    await send('busy', QUEUED)
    await send('small', 5)
    expect(openOf('small')).toBe(1)
    await end('busy')
    expect([openOf('busy'), openOf('small')]).toEqual([PLACES - KEPT - 1, 2])
    await end('busy')
    expect(openOf('small') + openOf('busy')).toBeGreaterThanOrEqual(PLACES - KEPT)
  })

  it('gets to the end of them, and so do all others', async () => {
    await openWorld('busy', 'small', 'other')
    await send('busy', QUEUED)
    await send('small', 10)
    await send('other', 10)
    while (open.length > 0) {
      expect(open.length).toBeLessThanOrEqual(PLACES)
      await end(open[0]?.fn ?? '')
    }
    expect(await world.store.lists.totals()).toMatchObject({ runs: { completed: QUEUED + 20 } })
  })
})
