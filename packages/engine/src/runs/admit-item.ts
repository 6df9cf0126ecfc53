// Whether an item that could be called now may be: it must pass the pause of its function and each of its limits. It takes
// a slot of all of them or of none, and stands in the line of the first that has no room. Slots belong to the item from here
// until it rests or ends, so that a claim looks at no limit.
import type { ItemRow, Key, RunRow } from '@pawl/storage'
import { afterStart, nextStartAt } from '../lines/rate.ts'
import { pauseLine, type Rule, ruleOf, type ThrottleRule } from '../lines/rules.ts'
import { TALLIES } from '../tally-names.ts'
import type { Draft } from './draft.ts'
import { systemItem } from './line-item.ts'

/** The run as far as it matters here. */
export type AdmittedRun = Pick<RunRow, 'key' | 'app' | 'fn' | 'queuedAt'>

export interface Admission {
  /** Holding its slots, or `blocked` in a line. */
  readonly item: ItemRow
  /** Holds a slot until the run ends; written beside the item. */
  readonly slot: ItemRow | null
}

interface Passage {
  readonly name: string
  readonly rule: Rule
}

/** Decides on an item, and takes what it passes. The caller writes it. */
export function admitItem(draft: Draft, run: AdmittedRun, item: ItemRow): Admission {
  if (isHeld(draft, run)) {
    const line = pauseLine(run.fn)
    // The pause may have ended elsewhere since this process has heard of it: one look by the newest configuration follows.
    if (item.line !== line) draft.ledger.handOver(line)
    return { item: blocked(item, line), slot: null }
  }
  if (item.holds || (item.limits.length === 0 && item.line === null)) return { item, slot: null }
  const passages = passagesOf(draft, run.fn, item)
  const full = passages.find((passage) => !isOpen(draft, item, passage))
  if (full !== undefined) return { item: stand(draft, item, full), slot: null }
  for (const passage of passages) pass(draft, passage)
  const limits = passages.flatMap(({ name, rule }) => (countsSteps(rule) ? [name] : []))
  const whole = passages.find(({ rule }) => rule.kind === 'concurrency' && rule.rule.counts === 'runs')
  return {
    item: { ...item, limits, holds: limits.length > 0, line: null },
    slot: whole === undefined ? null : slotItem(draft, run, whole.name),
  }
}

/** Whether the run may not go on now, because its function or its app is paused. */
export function isHeld(draft: Pick<Draft, 'fn'>, run: Pick<RunRow, 'fn' | 'queuedAt'>): boolean {
  const record = draft.fn(run.fn)?.pause?.record
  if (record === undefined) return false
  // Those who drain, or cancel what was there, may still hold what comes.
  return record.running === 'finish' ? record.new === 'hold' && run.queuedAt >= record.since : true
}

/** The first of the item's limits, besides one, that has no room now; null when it could go. */
export function otherHindrance(draft: Draft, item: ItemRow, name: string): string | null {
  const passages = item.fn === null ? [] : passagesOf(draft, item.fn, item)
  const full = passages.find((passage) => {
    if (passage.name === name) return false
    return !draft.ledger.knows(passage.name) || !ruleHasRoom(draft, item, passage)
  })
  return full?.name ?? null
}

/** Whether everybody who stands in the line of one limit waits for the other too: it has no key, or the same one. */
export function isCommon(
  draft: Draft,
  fn: Key | null,
  { line, other }: { readonly line: string; readonly other: string },
): boolean {
  const [here, there] = [ruleFor(draft, fn, line), ruleFor(draft, fn, other)]
  if (here === undefined || here.kind === 'pause' || there === undefined || there.kind === 'pause') return false
  return there.rule.key === null || here.rule.key === there.rule.key
}

/** Whether the limit, as the item's own function has it now, has room. A limit that no rule makes any more has. */
export function hasRoom(draft: Draft, item: ItemRow, name: string): boolean {
  const rule = ruleFor(draft, item.fn, name)
  if (rule === undefined) return true
  if (rule.kind !== 'pause') return ruleHasRoom(draft, item, { name, rule })
  const run = item.run === null ? undefined : draft.run(item.run)
  // Whoever is still held would only step back into the line, again and again.
  return run === undefined || !isHeld(draft, run.row)
}

export function isRate(draft: Draft, item: ItemRow, name: string): boolean {
  return ruleFor(draft, item.fn, name)?.kind === 'throttle'
}

function ruleFor(draft: Draft, fn: Key | null, name: string): Rule | undefined {
  const entry = draft.fn(fn)
  return entry === undefined ? undefined : ruleOf(entry.row.key, entry.rules, name)
}

function passagesOf(draft: Draft, fn: Key, item: ItemRow): readonly Passage[] {
  return item.limits.flatMap((name) => {
    const rule = ruleFor(draft, fn, name)
    return rule === undefined ? [] : [{ name, rule }]
  })
}

function isOpen(draft: Draft, item: ItemRow, passage: Passage): boolean {
  const { ledger } = draft
  const { name } = passage
  if (!ledger.knows(name)) return false
  if (item.line !== null) return ruleHasRoom(draft, item, passage)
  // Who stood there before this operation comes first, and may be let in by it.
  const before = ledger.heads(name).filter((head) => head.fn === item.fn || hasRoom(draft, head, name))
  if (before.length > 0) ledger.stir(name)
  return before.length === 0 && !ledger.hasJoined(name, item.fn) && ruleHasRoom(draft, item, passage)
}

/** A start that is counted has to begin at once, so it also needs a place for its call. */
function ruleHasRoom(draft: Draft, { fn }: ItemRow, { name, rule }: Passage): boolean {
  if (rule.kind === 'pause') return true
  if (rule.kind === 'concurrency') return draft.ledger.held(name) < rule.rule.limit
  const entry = draft.fn(fn)
  if (entry === undefined || nextStartAt(rule.rule, draft.ledger.tat(name), draft.now) > draft.now) return false
  return draft.hasSeat(entry.app.row.key, entry.row.key)
}

function stand(draft: Draft, item: ItemRow, { name, rule }: Passage): ItemRow {
  if (item.line !== name) draft.ledger.join(name, item.fn)
  if (rule.kind === 'throttle' && item.line !== name && item.fn !== null) draft.tallies.add(item.fn, TALLIES.throttled)
  if (rule.kind === 'throttle' && draft.ledger.knows(name)) armTimer(draft, item, name)
  return blocked(item, name)
}

function blocked(item: ItemRow, line: string): ItemRow {
  // A call that is over must not be answered any more.
  const epoch = item.state === 'leased' ? item.epoch + 1 : item.epoch
  return { ...item, state: 'blocked', owner: 0, epoch, holds: false, line }
}

function pass(draft: Draft, { name, rule }: Passage): void {
  if (rule.kind === 'concurrency') return draft.ledger.take(name)
  if (rule.kind === 'pause') return
  const tat = afterStart(rule.rule, draft.ledger.tat(name), draft.now)
  draft.ledger.setTat(name, tat)
  draft.push({ put: 'rate', row: { name, tat } })
}

function countsSteps(rule: Rule): boolean {
  return rule.kind === 'concurrency' && rule.rule.counts === 'steps'
}

function slotItem(draft: Draft, run: AdmittedRun, name: string): ItemRow {
  const base = systemItem(draft, { kind: 'slot', step: '!slot', fn: run.fn, due: draft.now })
  return { ...base, run: run.key, state: 'blocked', limits: [name], holds: true }
}

/** How long a start that is allowed waits for a place for its call before it is looked at again, in milliseconds. */
const SEAT_WAIT_MS = 1_000

/** When the line of a rate is to be looked at again: at the next start that is allowed. */
export function nextLookAt(draft: Draft, rule: ThrottleRule, name: string): number {
  const next = nextStartAt(rule, draft.ledger.tat(name), draft.now)
  return next > draft.now ? next : draft.now + SEAT_WAIT_MS
}

/** Sees to it that somebody looks at the line when the rate allows the next start. */
export function armTimer(draft: Draft, item: ItemRow, name: string): void {
  const rule = ruleFor(draft, item.fn, name)
  if (rule?.kind !== 'throttle') return
  const { ledger } = draft
  const due = nextLookAt(draft, rule.rule, name)
  const timer = ledger.timer(name)
  if (timer === null) {
    const row = systemItem(draft, { kind: 'line', step: name, fn: item.fn, due })
    ledger.setTimer(name, row)
    return draft.push({ put: 'item', row })
  }
  // One that is at work now sees to itself.
  if (timer.state !== 'sleeping' || timer.due <= due) return
  const row = { ...timer, due }
  ledger.setTimer(name, row)
  draft.push({ set: 'item', row })
}
