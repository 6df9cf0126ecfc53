// Writes a group inside its open transaction: checks what was not checked by a `begin`, leaves out what fails, writes
// the rest in order. It notes what the database has to adopt once the group has committed, and not before.
import type { Change } from '../contract/changes.ts'
import type { Write, Written } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import { raisesRegistry } from '../registry-changes.ts'
import type { Tables } from './tables.ts'
import type { WriteChange } from './write-changes.ts'

type Result = Written['results'][number]

/** What a group did, for whoever commits it. */
export interface GroupEffects {
  readonly results: Result[]
  isEmpty: boolean
  /** The greatest key of an event of the group; 0 when it has none. */
  newestEvent: Key
  registryRaises: number
  clockOffset: number | null
  isReset: boolean
}

export interface GroupContext {
  readonly tables: Tables
  readonly writeChange: WriteChange
  readonly now: number
  /** This server process, by which its counters are kept apart. */
  readonly process: Key
  /** A group that began was checked by its `begin`. */
  readonly isChecked: boolean
}

export function writeGroup(context: GroupContext, writes: readonly Write[]): GroupEffects {
  const effects: GroupEffects = {
    results: [],
    isEmpty: true,
    newestEvent: 0,
    registryRaises: 0,
    clockOffset: null,
    isReset: false,
  }
  const { tallies } = context.tables
  tallies.beginGroup()
  for (const write of writes) effects.results.push(writeOne(context, write, effects))
  tallies.write(context.now, context.process)
  return effects
}

function writeOne(context: GroupContext, write: Write, effects: GroupEffects): Result {
  const { changes } = write
  const begun = context.isChecked ? 0 : check(context.tables, write)
  if (typeof begun === 'string') return begun
  const { events, tallies } = context.tables
  events.beginOperation(changes)
  for (let index = begun; index < changes.length; index++) {
    const change = changes[index] as Change
    if ('add' in change) {
      // Half of a run's changes are these: they are only summed here.
      tallies.add(change.fn, change.name, change.by)
      continue
    }
    context.writeChange(change, context.now)
    note(change, effects)
  }
  if (changes.length > 0) effects.isEmpty = false
  if (raisesRegistry(changes)) effects.registryRaises++
  return 'done'
}

/** The number of changes that the check has written, or why the operation is refused. Nothing is written then. */
function check(tables: Tables, { fence, rev, changes }: Write): number | 'stale' | 'moved' {
  const [first] = changes
  const isAlone = !changes.some((change, index) => index > 0 && isSetRun(change))
  if (fence !== null && isSetRun(first) && first.key === fence.run && isAlone) {
    // The usual operation: its run's row comes first, and one update checks lease and revision and takes the row.
    const isBuiltOnIt = rev === null || rev === first.state.rev - 1
    if (isBuiltOnIt && tables.runs.setFenced(first.key, first.state, fence)) return 1
    return tables.items.hasEpoch(fence.item, fence.epoch) ? 'moved' : 'stale'
  }
  if (fence !== null && !tables.items.hasEpoch(fence.item, fence.epoch)) return 'stale'
  if (rev !== null && (fence?.run == null || tables.runs.rev(fence.run) !== rev)) return 'moved'
  // Looked up beforehand: a change that turns out to have moved could not be taken back alone.
  for (const change of changes) {
    if (isSetRun(change) && tables.runs.rev(change.key) !== change.state.rev - 1) return 'moved'
  }
  return 0
}

function isSetRun(change: Change | undefined): change is Extract<Change, { readonly set: 'run' }> {
  return change !== undefined && 'set' in change && change.set === 'run'
}

function note(change: Change, effects: GroupEffects): void {
  if ('put' in change) {
    if (change.put === 'event') effects.newestEvent = Math.max(effects.newestEvent, change.row.key)
  } else if ('set' in change) {
    if (change.set === 'clockOffset') effects.clockOffset = change.ms
  } else if ('end' in change && change.end === 'everything') effects.isReset = true
}
