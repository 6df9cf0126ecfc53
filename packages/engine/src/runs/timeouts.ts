// The time-outs of a run: items in the time index that end it when they are due. They do not count as branches.
import type { ItemRow, Key, RunRow } from '@pawl/storage'
import type { FunctionEntry } from '../registry-cache.ts'
import type { Draft } from './draft.ts'
import { systemItem } from './line-item.ts'

export const START_TIMEOUT = '!start'
export const FINISH_TIMEOUT = '!finish'

/** How the history names the end of a run that took too long. */
export const FINISH_TIMEOUT_CAUSE = 'finish timeout'

/** The time-out that is armed with a run: of its start while it waits for that, else of its end. */
export function putTimeouts(draft: Draft, fn: FunctionEntry, run: RunRow, startsAt: number): void {
  const { startMs, finishMs } = fn.config.timeouts
  if (run.startedAt === null && startMs !== null)
    draft.push({ put: 'item', row: timeoutItem(draft, run, START_TIMEOUT, startsAt + startMs) })
  if (run.startedAt !== null && finishMs !== null)
    draft.push({ put: 'item', row: timeoutItem(draft, run, FINISH_TIMEOUT, run.startedAt + finishMs) })
}

/** An item that ends the run at `due`. */
export function timeoutItem(
  draft: Draft,
  run: { readonly key: Key; readonly fn: Key },
  step: string,
  due: number,
): ItemRow {
  return { ...systemItem(draft, { kind: 'timeout', step, fn: run.fn, due }), run: run.key }
}
