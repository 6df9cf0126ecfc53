import { expect, it } from 'vitest'
import { soon } from './soon.ts'

function world() {
  let now = 0
  let timers: { at: number; run: () => void }[] = []
  const queue = soon(
    (run, ms) => timers.push({ at: now + ms, run }),
    () => now,
  )
  const advance = async (ms: number) => {
    now += ms
    const due = timers.filter((timer) => timer.at <= now)
    timers = timers.filter((timer) => timer.at > now)
    for (const timer of due) timer.run()
    // Lets the promises of what ran settle.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  return { queue, advance }
}

it('runs at once when it has been quiet, then once for all asks of the interval', async () => {
  const { queue, advance } = world()
  let runs = 0
  const ask = () => queue.ask('figures', 1000, () => runs++)
  ask()
  await advance(0)
  expect(runs).toBe(1)
  for (let i = 0; i < 5; i++) ask()
  await advance(999)
  expect(runs).toBe(1)
  await advance(1)
  expect(runs).toBe(2)
})

it('an ask while it runs leads to one more run', async () => {
  const { queue, advance } = world()
  let runs = 0
  let release = () => {}
  const ask = () =>
    queue.ask('run', 100, () => {
      runs++
      return new Promise<void>((resolve) => {
        release = resolve
      })
    })
  ask()
  await advance(0)
  ask()
  ask()
  await advance(500)
  expect(runs).toBe(1)
  release()
  await advance(0)
  await advance(100)
  expect(runs).toBe(2)
})

it('nothing runs once it is stopped', async () => {
  const { queue, advance } = world()
  let runs = 0
  queue.ask('figures', 1000, () => runs++)
  queue.stop()
  await advance(5000)
  expect(runs).toBe(0)
})
