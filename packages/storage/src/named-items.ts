// Which items are found by name. The databases' unique indexes say the same.
import type { ItemKind, ItemRow } from './contract/rows.ts'

const NAMED: ReadonlySet<ItemKind> = new Set(['line', 'debounce', 'batch', 'bulk'])

/** Whether the item's step is a name that no other item of no run has. Hand-overs of kind `line` and `match` have none. */
export function isNamed({ run, step, kind }: ItemRow): boolean {
  return run === null && step !== '' && NAMED.has(kind)
}
