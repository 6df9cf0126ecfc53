// The cron items of a function: one for each expression, asleep until its next tick. Timers are rows, so that a schedule
// survives every restart; a re-sync arms what is new from now on and leaves what has not changed alone.
import type { Trigger } from '@pawl/protocol'
import type { ItemRow, Key } from '@pawl/storage'
import { jitterFor, nextTick, parseCron } from '../cron/index.ts'
import type { CronDetail } from '../match/run-cron-tick.ts'
import type { Draft } from '../runs/draft.ts'
import { systemItem } from '../runs/line-item.ts'

export interface CronArming {
  readonly key: Key
  readonly slug: string
  readonly triggers: readonly Trigger[]
  /** The function's cron items as they are. */
  readonly armed: readonly ItemRow[]
}

export function armCrons(draft: Draft, fn: CronArming): void {
  const armed = new Map(fn.armed.map((item) => [item.step, item]))
  for (const trigger of fn.triggers) {
    if (!('cron' in trigger)) continue
    const before = armed.get(trigger.cron)
    armed.delete(trigger.cron)
    if (before === undefined) arm(draft, fn, { expression: trigger.cron, jitterMs: trigger.jitterMs ?? 0 })
    else rejitter(draft, fn, before, trigger.jitterMs ?? 0)
  }
  disarmCrons(draft, [...armed.values()])
}

export function disarmCrons(draft: Draft, items: readonly ItemRow[]): void {
  for (const item of items) draft.push({ end: 'item', key: item.key })
}

function arm(draft: Draft, fn: CronArming, trigger: { readonly expression: string; readonly jitterMs: number }): void {
  const tick = nextTick(parseCron(trigger.expression), draft.now)
  // An expression that never comes true, such as 30 February, arms nothing.
  if (tick === null) return
  const detail: CronDetail = { tick }
  const due = tick + jitterFor(fn.slug, tick, trigger.jitterMs)
  const row = systemItem(draft, { kind: 'cron', step: trigger.expression, fn: fn.key, due })
  draft.push({ put: 'item', row: { ...row, detail: JSON.stringify(detail) } })
}

/** A jitter that changed counts from the armed tick on. */
function rejitter(draft: Draft, fn: CronArming, item: ItemRow, jitterMs: number): void {
  if (item.state !== 'sleeping') return
  const { tick } = JSON.parse(item.detail ?? '{}') as CronDetail
  const due = tick + jitterFor(fn.slug, tick, jitterMs)
  if (due !== item.due) draft.push({ set: 'item', row: { ...item, due } })
}
