// Hands lines over to an operation of their own: a limit that could not be locked where a slot was freed or a line was
// joined, and a function whose limits have changed. The item is written in the same transaction, so that nobody is
// forgotten when the process ends here.
import type { ItemRow, Key } from '@pawl/storage'
import type { Draft } from './draft.ts'

/** The `detail` of a `line` item that is no timer. */
export type LineDetail =
  | { readonly names: readonly string[] }
  /** Every line in which items of the function stand, from after one on. */
  | { readonly fn: Key; readonly after: string }

/** Lets the lines of these limits be moved on by an operation that has locked them. */
export function putLineItem(draft: Draft, names: readonly string[]): void {
  const detail: LineDetail = { names }
  putHandOver(draft, 'line', detail)
}

/** How long a line that could not be moved rests before it is looked at again, in milliseconds. */
const LOOK_AGAIN_MS = 100

/** Lets these lines be looked at again a little later. */
export function putLineLook(draft: Draft, names: readonly string[]): void {
  const detail: LineDetail = { names }
  const item = systemItem(draft, { kind: 'line', step: '', fn: null, due: draft.now + LOOK_AGAIN_MS })
  draft.push({ put: 'item', row: { ...item, detail: JSON.stringify(detail) } })
}

/** Lets every line in which items of the function stand be moved on: its limits, or its pause, have changed. */
export function putRelineItem(draft: Draft, fn: Key, after = ''): void {
  const detail: LineDetail = { fn, after }
  putHandOver(draft, 'line', detail)
}

/** Hands work over by a row: an item of no run that this process goes on with once it has committed. */
export function putHandOver(draft: Draft, kind: 'line' | 'match', detail: object): void {
  const item: ItemRow = {
    ...systemItem(draft, { kind, step: '', fn: null, due: draft.now }),
    state: 'leased',
    epoch: 1,
    owner: draft.owner,
    startedAt: draft.now,
    detail: JSON.stringify(detail),
  }
  draft.push({ put: 'item', row: item })
  draft.lease(item)
}

/** An item of no run, asleep until `due`. */
export function systemItem(
  draft: Draft,
  of: { readonly kind: ItemRow['kind']; readonly step: string; readonly fn: Key | null; readonly due: number },
): ItemRow {
  return {
    key: draft.ground.key(),
    run: null,
    ...of,
    state: 'sleeping',
    rank: of.due * 1_000,
    limits: [],
    holds: false,
    line: null,
    attempt: 0,
    claims: 0,
    epoch: 0,
    owner: 0,
    startedAt: null,
    queuedAt: draft.now,
    again: false,
    race: false,
    detail: null,
  }
}
