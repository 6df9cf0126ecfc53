// The rows of one run of a filled store, as an engine would have left them: event, run, memos, history, output, the events
// that tell of its end, and its counters.
import { createHash } from 'node:crypto'
import { histogramClass, STORE_TALLIES, TALLIES } from '@pawl/engine'
import { ulid } from '@pawl/protocol'
import type { Change, HistoryRow, Key, RunRow, RunStatus } from '@pawl/storage'
import type { Random } from '../random.ts'
import type { FilledFunction } from './fill-functions.ts'

export interface RunPlan {
  readonly fn: FilledFunction
  readonly queuedAt: number
  readonly status: RunStatus
  readonly random: Random
  readonly key: () => Key
  readonly original?: Key | undefined
  readonly parent?: Key | undefined
  readonly bulk?: Key | undefined
  /** Characters of its event's payload and of its output. */
  readonly payload?: number | undefined
  /** Steps besides the function's own. */
  readonly steps?: number | undefined
  /** An event that is stored already. */
  readonly event?: Key | undefined
}

export interface MadeRun {
  readonly row: RunRow
  readonly changes: readonly Change[]
}

/** Runs with retries: one in sixteen, and nearly each that failed. */
const RETRIED = 16

export function fillRun(plan: RunPlan): MadeRun {
  const { fn, key } = plan
  const changes: Change[] = []
  const events = eventsOf(plan, changes)
  const row = runRow(plan, events[0] ?? 0)
  changes.push({ put: 'run', row })
  if (events.length > 1) changes.push({ put: 'runEvents', run: row.key, events })
  count(changes, row)
  if (row.endedAt === null) open(plan, row, changes)
  else if (row.status !== 'skipped') end(plan, row, changes)
  if (below(plan.random, 100) === 0 && row.endedAt !== null && events[0] !== undefined)
    changes.push({ put: 'effect', row: { event: events[0], run: row.key, how: 'resumed' } })
  if (below(plan.random, 50) === 0) changes.push(...eventRows(key(), { ...plan, name: 'audit/page.viewed' }))
  return { row, changes }

  function eventsOf({ event }: RunPlan, into: Change[]): Key[] {
    if (event !== undefined) return [event]
    const size = fn.isBatch === true ? 1 + below(plan.random, 9) : 1
    return Array.from({ length: size }, () => {
      const own = key()
      into.push(...eventRows(own, { ...plan, name: nameOf(plan) }))
      return own
    })
  }
}

function nameOf({ fn, parent, random }: RunPlan): string {
  if (parent !== undefined) return 'inngest/function.invoked'
  if (fn.cron !== undefined) return 'inngest/scheduled.timer'
  const isRare = fn.events.length > 1 && below(random, 5_000) === 0
  return fn.events[isRare ? 1 : 0] ?? fn.slug
}

interface EventPlan extends RunPlan {
  readonly name: string
}

function eventRows(key: Key, { name, queuedAt, random, payload = 40 }: EventPlan): Change[] {
  const id = ulid(queuedAt, entropy(random))
  const data = `{"amount":${below(random, 100_000)},"customer":"c-${below(random, 5_000)}","note":"${'x'.repeat(payload)}"}`
  const body = `{"data":${data},"id":"${id}","name":"${name}","ts":${queuedAt}}`
  const row = { key, id, eventId: id, name, ts: queuedAt, receivedAt: queuedAt, isRepeat: false, ofRun: null }
  const tally = name.startsWith('inngest/')
    ? []
    : [{ add: 'tally' as const, fn: 0, name: `${STORE_TALLIES.event}${name}`, by: 1 }]
  return [{ put: 'event', row, body }, ...tally]
}

function runRow(plan: RunPlan, event: Key): RunRow {
  const { fn, queuedAt, status, random } = plan
  const steps = fn.steps.length + (plan.steps ?? 0)
  const hasStarted = status !== 'scheduled' && status !== 'skipped'
  const startedAt = hasStarted ? queuedAt + skewed(random, 3_000) : null
  const isLive = status === 'scheduled' || status === 'running'
  const done = status === 'completed' ? steps : isLive ? Math.min(1, steps) : below(random, steps + 1)
  const isRetried = hasStarted && (below(random, RETRIED) === 0 || (status === 'failed' && below(random, 4) > 0))
  return {
    key: plan.key(),
    id: ulid(queuedAt, entropy(random)),
    app: fn.appKey,
    fn: fn.key,
    fnVersion: 1,
    event,
    queuedAt,
    cron: fn.cron ?? null,
    original: plan.original ?? null,
    parentRun: plan.parent ?? null,
    parentStep: plan.parent === undefined ? null : hashOf('invoke'),
    correlation: null,
    quiet: false,
    rank: queuedAt * 1_000,
    flow: null,
    singleton: null,
    batch: fn.isBatch === true ? ulid(queuedAt, entropy(random)) : null,
    skipped: status === 'skipped' ? 'paused' : null,
    bulk: plan.bulk ?? null,
    status,
    rev: 2 + done,
    startedAt,
    endedAt: isLive ? null : (startedAt ?? queuedAt) + (hasStarted ? 20 + skewed(random, 60_000) : 0),
    stack: done,
    history: done + (isLive || status === 'skipped' ? 0 : isRetried ? 2 : 1),
    steps: done,
    bytes: 200 * (done + 1),
    open: isLive ? 1 : 0,
    racing: 0,
    waits: 0,
    version: hasStarted ? 2 : -1,
    forcePlan: false,
    finishEvent: null,
    retries: isRetried ? 1 + below(random, 3) : 0,
  }
}

function open({ key, fn, random }: RunPlan, row: RunRow, changes: Change[]): void {
  const due = row.queuedAt + 400 * 86_400_000 + below(random, 86_400_000)
  const isBegun = row.status === 'running'
  const step = isBegun ? hashOf('wait-a-day') : ''
  const detail = isBegun ? `{"kind":"sleep","name":"wait-a-day","sleepUntil":${due}}` : null
  changes.push({
    put: 'item',
    row: {
      key: key(),
      run: row.key,
      fn: fn.key,
      step,
      kind: isBegun ? 'sleep' : 'call',
      state: 'sleeping',
      due,
      rank: row.rank,
      limits: [],
      holds: false,
      line: null,
      attempt: 0,
      claims: 0,
      epoch: 1,
      owner: 0,
      startedAt: row.startedAt,
      queuedAt: row.queuedAt,
      again: false,
      race: false,
      detail,
    },
  })
  putSteps(fn.steps.slice(0, row.steps), row, changes)
}

function end(plan: RunPlan, row: RunRow, changes: Change[]): void {
  const { fn, key, random, payload = 30 } = plan
  const names = [...fn.steps, ...Array.from({ length: plan.steps ?? 0 }, (_, index) => `step-${index}`)]
  const at = row.endedAt ?? row.queuedAt
  putSteps(names.slice(0, row.steps), row, changes)
  for (let retry = 0; retry < Math.min(1, row.retries); retry++) {
    changes.push({
      put: 'history',
      row: history(row, { kind: 'attempt', status: 'errored', seq: row.steps + 1, step: '' }),
      error: `{"message":"connect ECONNREFUSED 127.0.0.1:5432","name":"Error","stack":"Error: connect\\n    at run (app.ts:12:5)"}`,
    })
  }
  const seq = row.steps + 1 + Math.min(1, row.retries)
  const ended = row.status === 'completed' ? 'completed' : row.status === 'failed' ? 'failed' : 'cancelled'
  changes.push({ put: 'history', row: history(row, { kind: 'run', status: ended, seq, step: '' }), error: null })
  if (row.status === 'completed')
    changes.push({ put: 'output', run: row.key, text: `{"ok":true,"text":"${'y'.repeat(payload)}"}`, isError: false })
  if (row.status === 'failed') {
    const message = `${fn.id} could not reach the ${['database', 'bank', 'printer'][below(random, 3)]}`
    changes.push({ put: 'output', run: row.key, text: `{"message":"${message}","name":"Error"}`, isError: true })
  }
  for (const name of row.status === 'completed' ? ['finished'] : ['finished', row.status]) {
    const id = ulid(at, entropy(random))
    const event = { key: key(), id, eventId: id, name: `inngest/function.${name}`, ts: at, receivedAt: row.queuedAt }
    changes.push({ put: 'event', row: { ...event, isRepeat: false, ofRun: row.key }, body: null })
  }
}

function putSteps(names: readonly string[], row: RunRow, changes: Change[]): void {
  for (const [position, name] of names.entries()) {
    const step = hashOf(name)
    changes.push({
      put: 'step',
      row: { run: row.key, step, position, memo: `{"data":{"n":${position}}}`, input: null },
    })
    const own = { kind: 'step', status: 'completed', seq: position + 1, step } as const
    changes.push({ put: 'history', row: { ...history(row, own), name, stepKind: 'run' }, error: null })
  }
}

function history(row: RunRow, own: Pick<HistoryRow, 'kind' | 'status' | 'seq' | 'step'>): HistoryRow {
  const startedAt = row.startedAt ?? row.queuedAt
  const endedAt = row.endedAt ?? startedAt + 10
  const times = { queuedAt: row.queuedAt, startedAt, endedAt }
  return { run: row.key, ...own, name: '', stepKind: null, attempt: 0, ...times, detail: null }
}

function count(changes: Change[], { fn, status, queuedAt, startedAt, endedAt, steps, retries }: RunRow): void {
  const add = (name: string, by = 1) => changes.push({ add: 'tally', fn, name, by })
  add(TALLIES.queued)
  if (startedAt !== null) {
    add(TALLIES.started)
    add(`${TALLIES.delay}${histogramClass(startedAt - queuedAt)}`)
    add(`${TALLIES.request}ok`, steps + 1)
    add(`${TALLIES.latency}${histogramClass(5 + (queuedAt % 200))}`, steps + 1)
  }
  if (steps > 0) add(TALLIES.steps, steps)
  if (retries > 0) add(TALLIES.retries, retries)
  if (endedAt === null) return
  add(`${TALLIES.ended}${status}`)
  if (startedAt !== null) add(`${TALLIES.duration}${histogramClass(endedAt - startedAt)}`)
}

/** Mostly small, seldom near `max`. */
function skewed(random: Random, max: number): number {
  return Math.floor(max ** random.float())
}

const hashes = new Map<string, string>()

function hashOf(name: string): string {
  const known = hashes.get(name)
  if (known !== undefined) return known
  const made = createHash('sha1').update(name).digest('hex')
  hashes.set(name, made)
  return made
}

/** A whole number from 0 on, less than `count`. */
function below(random: Random, count: number): number {
  return random.whole(0, count - 1)
}

function entropy(random: Random): Uint8Array {
  const words = Uint32Array.of(random.word(), random.word(), random.word())
  return new Uint8Array(words.buffer, 0, 10)
}
