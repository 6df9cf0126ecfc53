// Debounces and batches: events of one function and key gathered in an item of no run, which fires when its time has come.
// A window whose time has come, or that is full, gives its name away in the same operation, so that the next event opens a
// new one: each event is in exactly one.
import { ulid } from '@pawl/protocol'
import type { Facts, ItemRow, Key } from '@pawl/storage'
import type { Draft } from '../runs/draft.ts'
import { systemItem } from '../runs/line-item.ts'
import type { AdmitWork } from './admit-event.ts'

/** One that waits for the answer of the run that the window starts. */
export interface Caller {
  readonly run: Key
  readonly step: string
  readonly correlation: string
}

/** The `detail` of a window. */
export interface WindowDetail {
  /** ULID. */
  readonly id: string
  /** Of a debounce the one that stands; of a batch all, in order of arrival. */
  readonly events: readonly Key[]
  readonly firstAt: number
  /** Of the event that stands. */
  readonly ts: number
  /** Bytes of the events. */
  readonly bytes: number
  readonly callers: readonly Caller[]
}

interface Gathered<Reason> {
  readonly reason: Reason
  /** Name of the window, as it is found while it is open. */
  readonly window: string
}

/** A batch holds no more than this, in bytes; a call's body has to carry it. */
const BATCH_BYTES_MAX = 10 * 1024 * 1024

export function gatherDebounce(draft: Draft, facts: Facts, { admission, candidate }: AdmitWork): Gathered<'debounced'> {
  const { debounce, fn } = admission
  if (debounce === null) throw new Error('the function has no debounce')
  const { name, periodMs, timeoutMs } = debounce
  const { event } = candidate
  const callers = callersOf(candidate)
  const before = openWindow(draft, facts, name)
  if (before === undefined) {
    const detail = newDetail(draft, candidate, callers)
    const due = draft.now + Math.min(periodMs, timeoutMs ?? periodMs)
    openNew(draft, { kind: 'debounce', name, fn: fn.row.key, due, detail })
    return { reason: 'debounced', window: name }
  }
  const detail = readWindow(before)
  if (event.ts >= detail.ts) {
    const cap = timeoutMs === null ? Number.POSITIVE_INFINITY : detail.firstAt + timeoutMs
    const next = { ...detail, events: [event.key], ts: event.ts, bytes: bytesOf(candidate) }
    const due = Math.min(draft.now + periodMs, cap)
    change(draft, name, { ...before, due, detail: write({ ...next, callers: [...detail.callers, ...callers] }) })
  } else if (callers.length > 0) {
    change(draft, name, { ...before, detail: write({ ...detail, callers: [...callers, ...detail.callers] }) })
  }
  return { reason: 'debounced', window: name }
}

export function gatherBatch(draft: Draft, facts: Facts, { admission, candidate }: AdmitWork): Gathered<'batched'> {
  const { batch, fn } = admission
  if (batch === null) throw new Error('the function has no batch')
  const { name, maxSize, timeoutMs } = batch
  const bytes = bytesOf(candidate)
  let before = openWindow(draft, facts, name)
  if (before !== undefined && readWindow(before).bytes + bytes > BATCH_BYTES_MAX) {
    close(draft, name, before)
    before = undefined
  }
  if (before === undefined) {
    const detail = newDetail(draft, candidate, [])
    openNew(draft, { kind: 'batch', name, fn: fn.row.key, due: draft.now + timeoutMs, detail })
    return { reason: 'batched', window: detail.id }
  }
  const detail = readWindow(before)
  const events = [...detail.events, candidate.event.key]
  const row = { ...before, detail: write({ ...detail, events, bytes: detail.bytes + bytes }) }
  if (events.length >= maxSize) close(draft, name, row)
  else change(draft, name, row)
  return { reason: 'batched', window: detail.id }
}

export function readWindow(item: ItemRow): WindowDetail {
  // Written below.
  return JSON.parse(item.detail ?? '{}') as WindowDetail
}

/** The window that takes events now; one whose time has come is closed on the way. */
function openWindow(draft: Draft, facts: Facts, name: string): ItemRow | undefined {
  const item = draft.named(name, facts)
  if (item === undefined || (item.state === 'sleeping' && item.due > draft.now)) return item
  close(draft, name, item)
  return undefined
}

/** Gives the name away and fires: this process goes on with the window under a lease of its own. */
function close(draft: Draft, name: string, item: ItemRow): void {
  const row: ItemRow = {
    ...item,
    step: `${name}|${item.key}`,
    state: 'leased',
    due: draft.now,
    epoch: item.epoch + 1,
    claims: item.claims + 1,
    owner: draft.owner,
    startedAt: draft.now,
  }
  draft.push({ set: 'item', row })
  draft.setNamed(name, null)
  draft.lease(row)
}

function openNew(
  draft: Draft,
  window: {
    readonly kind: 'debounce' | 'batch'
    readonly name: string
    readonly fn: Key
    readonly due: number
    readonly detail: WindowDetail
  },
): void {
  const { kind, name, fn, due, detail } = window
  const row = { ...systemItem(draft, { kind, step: name, fn, due }), detail: write(detail) }
  draft.push({ put: 'item', row })
  draft.setNamed(name, row)
}

function change(draft: Draft, name: string, row: ItemRow): void {
  draft.push({ set: 'item', row })
  draft.setNamed(name, row)
}

function newDetail(draft: Draft, { event, runId }: AdmitWork['candidate'], callers: readonly Caller[]): WindowDetail {
  return {
    // Its own instant and what makes the first event's run unlike any other.
    id: ulid(draft.now, Buffer.from(runId.slice(-16)).subarray(0, 10)),
    events: [event.key],
    firstAt: draft.now,
    ts: event.ts,
    bytes: Buffer.byteLength(event.text),
    callers,
  }
}

function callersOf({ parent, correlation }: AdmitWork['candidate']): readonly Caller[] {
  return parent === undefined || correlation === undefined ? [] : [{ ...parent, correlation }]
}

function bytesOf({ event }: AdmitWork['candidate']): number {
  return Buffer.byteLength(event.text)
}

function write(detail: WindowDetail): string {
  return JSON.stringify(detail)
}
