// How far an operation is, as a bar of what was done, skipped and failed. The numbers stand in words for those who do not
// see it; the parts differ in lightness, and failures have an edge of their own.

import type { Bulk } from '../../api/index.ts'
import { cx, formatExact, statusClass } from '../../ui/index.ts'
import { progressOf, titleOf, totalText } from './bulk-state.ts'
import { messages } from './messages.ts'

/** A bar in the width of its place. */
export function ProgressBar({ bulk, isTall }: { readonly bulk: Bulk; readonly isTall?: boolean }) {
  const { seen, done, skipped, failed } = progressOf(bulk)
  const total = Math.max(bulk.totalCount, seen)
  const parts = [
    { id: 'done', share: done, className: statusClass.solid.completed },
    { id: 'skipped', share: skipped, className: cx('hatched', statusClass.solid.skipped) },
    { id: 'failed', share: failed, className: statusClass.solid.failed },
  ]
  return (
    <div
      role="progressbar"
      aria-label={messages.progressLabel(titleOf(bulk))}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={seen}
      aria-valuetext={messages.progressText({
        seen: formatExact(seen),
        total: bulk.isTotalCut ? totalText(bulk) : formatExact(total),
        skipped: formatExact(bulk.skippedCount),
        failed: formatExact(bulk.failedCount),
      })}
      className={cx(
        'flex w-full min-w-12 overflow-hidden rounded-full bg-sunken shadow-[inset_0_0_0_1px_var(--border-strong)]',
        isTall ? 'h-2.5' : 'h-1.5',
        bulk.state === 'paused' && 'opacity-60',
      )}
    >
      {parts.map(
        ({ id, share, className }) =>
          share > 0 && (
            <span
              key={id}
              className={cx('swatch block h-full shrink-0', className)}
              // Two pixels at least: one failure among a million is still seen.
              style={{ width: `max(2px, ${share * 100}%)` }}
            />
          ),
      )}
    </div>
  )
}
