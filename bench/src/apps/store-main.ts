// Opens a store that no server stands on, through the storage contract: to multiply a run that a server has put to sleep, and to
// take the time of a claim by itself. Everything else in the bench sees the server from outside; a million runs would take minutes.
// Arguments: `sqlite` and a directory, or `postgres` and a URL.

import { join } from 'node:path'
import { createStore, type EventRow, type FunctionRow, type ItemRow, type RunRow, type Store } from '@pawl/storage'
import { openPostgres } from '@pawl/storage/postgres'
import { openSqlite } from '@pawl/storage/sqlite'
import { nextUlid } from '../../floor/ulid.ts'
import { spreadOf } from '../report/spread.ts'
import { monotonicMs } from '../stand/clock.ts'
import { type Command, type Reply, serveCommands, tellBench } from './messages.ts'
import { FAN_OUT, NULL_APP } from './null-functions.ts'

/** The file of a store in its directory. */
const DATABASE_FILE = 'pawl.db'
const RUNS_PER_OPERATION = 200
const OPERATIONS_OPEN = 8
const CLAIMED = 100
const WARM_CLAIMS = 50

const [, , database, location = ''] = process.argv
const opened =
  database === 'postgres' ? openPostgres({ url: location }) : openSqlite({ path: join(location, DATABASE_FILE) })
const store = createStore({ database: await opened, turn: (take) => void setImmediate(take) })

serveCommands(handle)
tellBench({ is: 'ready', port: 0 })

async function handle(command: Command): Promise<Reply> {
  switch (command.do) {
    case 'copySleeper': {
      const startedAt = monotonicMs()
      const sleeper = await readSleeper(store)
      await copy(command.count, () => sleeper)
      return { is: 'copied', elapsedMs: monotonicMs() - startedAt }
    }
    case 'makeReady': {
      const startedAt = monotonicMs()
      const fans = await fanFunctions(store)
      const sleeper = await readSleeper(store)
      await copy(command.count, (index) => readyFor(sleeper, fans[index % fans.length]))
      return { is: 'copied', elapsedMs: monotonicMs() - startedAt }
    }
    case 'claim':
      return { is: 'claimed', times: spreadOf(await claimTimes(command.times)) }
    case 'closeStore':
      await store.close()
      return { is: 'closed' }
    default:
      throw new Error(`the store does nothing for "${command.do}"`)
  }
}

/** A run with all that the store has of it. */
interface Original {
  readonly run: RunRow
  readonly event: EventRow
  readonly text: string | null
  readonly item: ItemRow
}

async function readSleeper({ lists }: Store): Promise<Original> {
  const fn = (await functionsOf(store)).find(({ slug }) => slug === `${NULL_APP}-sleeper`)
  const query = { field: 'queuedAt', order: 'asc', limit: 1, withOutput: false, withEvents: true } as const
  const [view] = fn === undefined ? [] : await lists.runs({ ...query, fns: [fn.key] })
  const [item] = view === undefined ? [] : await lists.runItems(view.row.id)
  if (view === undefined || item?.state !== 'sleeping') throw new Error('no run sleeps that could be copied')
  return { run: view.row, event: view.trigger, text: view.events[0]?.text ?? '{}', item }
}

async function functionsOf({ state }: Store): Promise<readonly FunctionRow[]> {
  return (await state.registry()).functions
}

async function fanFunctions(from: Store): Promise<readonly FunctionRow[]> {
  const fans = (await functionsOf(from)).filter(({ slug }) => slug.startsWith(`${NULL_APP}-fan-`))
  if (fans.length !== FAN_OUT) throw new Error(`the store has ${fans.length} functions of the fan-out`)
  return fans
}

/** The same run as one of another function whose first call is due. */
function readyFor({ run, event, text, item }: Original, fn: FunctionRow | undefined): Original {
  if (fn === undefined) throw new Error('there is no function to make ready runs for')
  const call = { ...item, fn: fn.key, kind: 'call', state: 'ready', step: '', detail: null } as const
  return {
    run: { ...run, fn: fn.key, fnVersion: fn.version, status: 'scheduled', startedAt: null },
    event,
    text,
    item: call,
  }
}

async function copy(count: number, originalOf: (index: number) => Original): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) {
      const from = next
      next = Math.min(count, from + RUNS_PER_OPERATION)
      const originals = Array.from({ length: next - from }, (_, index) => originalOf(from + index))
      await copyEach(originals)
    }
  }
  await Promise.all(Array.from({ length: OPERATIONS_OPEN }, lane))
}

async function copyEach(originals: readonly Original[]): Promise<void> {
  const outcome = await store.commit({
    needs: {},
    decide: (facts) => ({
      changes: originals.flatMap(({ run, event, text, item }) => {
        const [eventKey, runKey] = [facts.key(), facts.key()]
        const eventId = nextUlid(event.receivedAt)
        return [
          { put: 'event', row: { ...event, key: eventKey, id: eventId, eventId }, body: text },
          { put: 'run', row: { ...run, key: runKey, id: nextUlid(run.queuedAt), event: eventKey } },
          { put: 'item', row: { ...item, key: facts.key(), run: runKey } },
        ]
      }),
      result: null,
    }),
  })
  if (typeof outcome === 'string') throw new Error(`copies were refused: ${outcome}`)
}

/** Times of claims that claim nothing: search, lock and read, without the writing, which is the same in every store. */
async function claimTimes(count: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let claim = -WARM_CLAIMS; claim < count; claim += 1) {
    const begunAt = monotonicMs()
    const outcome = await store.commit({
      needs: { ready: { readyMax: CLAIMED, dueMax: CLAIMED, skip: [] } },
      decide: (facts) => ({ changes: [], result: facts.ready().length }),
    })
    if (claim >= 0) times.push(monotonicMs() - begunAt)
    if (typeof outcome === 'string' || outcome.done < CLAIMED) throw new Error('a claim did not find 100 items')
  }
  return times
}
