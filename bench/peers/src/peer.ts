// What all peers do alike: keep a number of jobs under way for some seconds, or add so many at once and wait for the last.
// Producer and worker are one process, and a job does nothing; none of the peers makes a call.

import { type Command, type Reply, serveCommands, tellBench } from '../../src/apps/messages.ts'
import { spreadOf } from '../../src/report/spread.ts'
import { monotonicMs, pause, within } from '../../src/stand/clock.ts'

const DRAIN_MS_MAX = 30_000
const REST_MS = 10

/** A queue with its worker. */
export interface Peer {
  /** Jobs that are under way at a time, and how many are added together. */
  readonly window: number
  readonly batch: number
  /** Adds jobs that each call `jobDone` at their end. */
  add(count: number): Promise<unknown>
  /** The same for sequences of ten steps, where the peer has steps. */
  addSequences?(count: number): Promise<unknown>
}

/** Serves the bench's commands for a peer; `open` is given what the worker calls at the end of a job. */
export async function servePeer(open: (jobDone: () => void) => Promise<Peer>): Promise<void> {
  const ends = new Ends()
  const peer = await open(() => ends.tell())
  serveCommands((command) => answer(peer, ends, command))
  tellBench({ is: 'ready', port: 0 })
}

async function answer(peer: Peer, ends: Ends, command: Command): Promise<Reply> {
  if (command.do === 'work') {
    const add = command.work === 'noop' ? peer.add : peer.addSequences
    if (add === undefined) throw new Error(`this peer has no ${command.work}`)
    return { is: 'worked', ...(await keepBusy({ ...peer, add }, ends, command.seconds)) }
  }
  if (command.do !== 'jobs') throw new Error(`a peer does nothing for "${command.do}"`)
  const times: number[] = []
  const until = monotonicMs() + command.seconds * 1000
  while (monotonicMs() < until) {
    const begunAt = monotonicMs()
    const ended = ends.next(command.count)
    await peer.add(command.count)
    await within(DRAIN_MS_MAX, 'jobs did not end', ended)
    times.push(monotonicMs() - begunAt)
    await pause(REST_MS)
  }
  return { is: 'fanned', times: spreadOf(times) }
}

/** Fills the window, adds a batch for each that has ended, and lets the last ones end. */
async function keepBusy(peer: Omit<Peer, 'addSequences'>, ends: Ends, seconds: number) {
  const begunAt = monotonicMs()
  const endedBefore = ends.count
  let added = 0
  const add = (count: number) => {
    added += count
    return peer.add(count)
  }
  const lane = async () => {
    while (monotonicMs() < begunAt + seconds * 1000) {
      const ended = ends.next(peer.batch)
      await add(peer.batch)
      await within(DRAIN_MS_MAX, 'jobs did not end', ended)
    }
  }
  await Promise.all(Array.from({ length: peer.window / peer.batch }, lane))
  const open = added - (ends.count - endedBefore)
  if (open > 0) await within(DRAIN_MS_MAX, 'jobs did not end', ends.next(open))
  return { count: ends.count - endedBefore, elapsedMs: monotonicMs() - begunAt }
}

/** Counts ends; all jobs are alike, so whoever waits for so many gets the next ones. */
class Ends {
  count = 0
  private waiting: { left: number; resolve: () => void }[] = []

  tell(): void {
    this.count += 1
    const first = this.waiting[0]
    if (first === undefined) return
    first.left -= 1
    if (first.left > 0) return
    this.waiting.shift()
    first.resolve()
  }

  next(count: number): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ left: count, resolve }))
  }
}
