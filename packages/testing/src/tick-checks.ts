// I10: the ticks of a schedule, each once: as a run, or within a recorded skip. They are counted from the first tick that
// was armed to the last that was handled, for schedules that nobody changed.
import type { CronTrigger, FunctionConfig } from '@pawl/protocol'
import type { Key } from '@pawl/storage'
import type { Mirror } from './mirror.ts'
import type { TriggerChecks } from './trigger-checks.ts'
import type { Report } from './violation.ts'

/** The only schedule that is counted: every minute. */
const EVERY_MINUTE = '* * * * *'
const MINUTE_MS = 60_000

interface Checks {
  readonly mirror: Mirror
  readonly triggers: TriggerChecks
  readonly report: Report
}

export function checkTicks({ mirror, triggers, report }: Checks): void {
  for (const [fn, row] of mirror.functions) {
    const { triggers: rules } = JSON.parse(row.config) as FunctionConfig
    if (!rules.some((rule): rule is CronTrigger => 'cron' in rule && rule.cron === EVERY_MINUTE)) continue
    const ticks = [...ranTicks(mirror, fn), ...skippedTicks(mirror, fn)].sort((a, b) => a - b)
    ticks.forEach((tick, index) => {
      const before = ticks[index - 1]
      if (before === tick) report('I10', `the tick ${tick} of function ${row.slug} was handled twice`)
      else if (before !== undefined && tick - before > MINUTE_MS && triggers.isSteady(fn))
        report('I10', `function ${row.slug} has nothing between its ticks ${before} and ${tick}`)
    })
    checkNext({ mirror, report }, fn, ticks.at(-1))
  }
}

function ranTicks(mirror: Mirror, fn: Key): readonly number[] {
  const ticks: number[] = []
  for (const { row } of mirror.runs.values()) {
    if (row.fn !== fn || row.cron !== EVERY_MINUTE || row.original !== null) continue
    const { data } = JSON.parse(mirror.events.get(row.event)?.text ?? '{}') as { data: { scheduledAt: string } }
    ticks.push(Date.parse(data.scheduledAt))
  }
  return ticks
}

function skippedTicks(mirror: Mirror, fn: Key): readonly number[] {
  const ticks: number[] = []
  for (const skip of mirror.skips.values()) {
    if (skip.fn !== fn || skip.reason !== 'missed_tick') continue
    const detail = JSON.parse(skip.detail ?? '{}') as { from: number; until: number; ran: number | null }
    for (let tick = detail.from; tick <= detail.until; tick += MINUTE_MS) if (tick !== detail.ran) ticks.push(tick)
  }
  return ticks
}

/** The schedule goes on: its item stands at the next tick. */
function checkNext({ mirror, report }: Omit<Checks, 'triggers'>, fn: Key, last: number | undefined): void {
  if (mirror.functions.get(fn)?.archivedAt !== null) return
  const items = [...mirror.items.values()].filter((item) => item.kind === 'cron' && item.fn === fn)
  const [item] = items
  if (items.length !== 1 || item === undefined) return report('I10', `function ${fn} has ${items.length} armed ticks`)
  const { tick } = JSON.parse(item.detail ?? '{}') as { tick: number }
  if (last !== undefined && tick <= last) report('I10', `function ${fn} is armed for ${tick}, which was handled`)
}
