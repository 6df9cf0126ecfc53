// Puts an item that could be called now in its place: leased by this process where it is admitted and there is a place for
// the call, else in the ready index, else in the line of what it waits for.
import type { ItemRow } from '@pawl/storage'
import { admitItem, isHeld } from './admit-item.ts'
import type { Draft, RunDraft } from './draft.ts'
import { countStart } from './schedule-run.ts'
import { FINISH_TIMEOUT, timeoutItem } from './timeouts.ts'

export interface Placing {
  /** The step that the item had before, when that changes. */
  readonly from?: string
  /** The item is not stored yet. */
  readonly isNew?: boolean
  /** The lease counts as one that may come to nothing. */
  readonly counts?: boolean
}

export function placeItem(draft: Draft, run: RunDraft, item: ItemRow, how: Placing = {}): void {
  const admission = admitItem(draft, run.row, item)
  const write = (row: ItemRow) => (how.isNew === true ? run.putItem(row) : run.setItem(row, how.from))
  if (item.line !== null) draft.ledger.leave(item.line, item)
  if (admission.slot !== null) run.putItem(admission.slot)
  if (admission.item.line !== null) return write(admission.item)
  if (!draft.takeSeat(run.row.app, run.row.fn)) {
    // Found in the ready index, it stays there as it is.
    if (item.state !== 'ready' || admission.item !== item) write({ ...admission.item, state: 'ready', owner: 0 })
    return
  }
  const leased: ItemRow = {
    ...admission.item,
    state: 'leased',
    owner: draft.owner,
    epoch: item.epoch + 1,
    claims: item.claims + (how.counts === true ? 1 : 0),
    startedAt: draft.now,
  }
  write(leased)
  draft.lease(leased)
  startRun(draft, run, item)
}

/** Goes on with an item: under the lease that this process has, or as a new one. */
export function goOnWith(draft: Draft, run: RunDraft, item: ItemRow, from: string = item.step): void {
  const isOurs = item.state === 'leased' && item.owner === draft.owner
  if (!isOurs || isHeld(draft, run.row)) return placeItem(draft, run, item, { from })
  const leased: ItemRow = { ...item, epoch: item.epoch + 1, startedAt: draft.now }
  run.setItem(leased, from)
  draft.lease(leased)
}

function startRun(draft: Draft, run: RunDraft, first: ItemRow): void {
  if (run.state.startedAt !== null) return
  countStart(draft, run.row, first.due)
  run.set({ status: 'running', startedAt: draft.now })
  const finishMs = draft.fn(run.row.fn)?.config.timeouts.finishMs ?? null
  if (finishMs !== null) run.putItem(timeoutItem(draft, run.row, FINISH_TIMEOUT, draft.now + finishMs))
}
