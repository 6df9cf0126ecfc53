// Why a run in a list does not move, in a few words: read from the run's row and its open items alone, so that a page of
// lists costs no further read. The single run's `why` tells the rest. Pure.
import type { ItemRow, RunRow, RunView } from '@pawl/storage'
import type { PauseRecord, WaitingBrief } from '../engine.ts'
import { readDetail } from '../history/step-detail.ts'
import { REASON_ORDER } from './branch-reason.ts'

/** What is known around the runs of a page. */
export interface BriefAround {
  readonly now: number
  /** The pause that holds this run now, or null. */
  pauseOf(run: Pick<RunRow, 'fn' | 'queuedAt'>): Pick<PauseRecord, 'until'> | null
  /** Since when the app cannot be reached, or null. */
  unreachableSince(app: number): number | null
}

/** The first reason of its branches, in the order in which `why` tells them; null for a run that has ended. */
export function waitingBrief(view: Pick<RunView, 'row' | 'open'>, around: BriefAround): WaitingBrief | null {
  if (view.row.endedAt !== null) return null
  const briefs = view.open.flatMap((item) => briefOf(view.row, item, around) ?? [])
  return briefs.sort((a, b) => REASON_ORDER.indexOf(a.code) - REASON_ORDER.indexOf(b.code))[0] ?? null
}

function briefOf(run: RunRow, item: ItemRow, around: BriefAround): WaitingBrief | null {
  const detail = readDetail(item.detail)
  if (item.kind === 'call' || item.kind === 'gateway') return ofCall(run, item, around)
  if (item.kind === 'sleep') return brief('sleeping', detail.sleepUntil ?? item.due)
  if (item.kind !== 'wait') return null
  const until = detail.until ?? item.due
  if (detail.kind === 'signal') return brief('waiting_for_signal', until, detail.signal)
  if (detail.kind === 'invoke') return brief('invoking', until, detail.functionSlug)
  return brief('waiting_for_event', until, detail.eventName)
}

function ofCall(run: RunRow, item: ItemRow, around: BriefAround): WaitingBrief {
  if (item.state === 'leased') return brief('executing', item.startedAt ?? item.queuedAt)
  const isResting = item.state === 'sleeping' && item.due > around.now
  if (isResting && item.attempt === 0 && run.startedAt === null) return brief('scheduled', item.due)
  const pause = around.pauseOf(run)
  if (pause !== null) return brief('paused', pause.until ?? null)
  const unreachableSince = item.kind === 'gateway' ? null : around.unreachableSince(run.app)
  if (unreachableSince !== null) return brief('app_unreachable', unreachableSince)
  if (isResting) return brief('retry', item.due)
  return ofLine(item.line) ?? brief('queued', null)
}

/** The names of limits say what is counted (see `rules.ts`); a value that was too long is told by its digest only. */
function ofLine(line: string | null): WaitingBrief | null {
  // A value may have colons of its own.
  const [, prefix, value = ''] = /^((?:steps|runs):[^:]*:[^:]*|throttle:[^:]*):(.*)$/s.exec(line ?? '') ?? []
  if (prefix === undefined) return null
  return brief(prefix.startsWith('throttle:') ? 'throttle' : 'concurrency', null, value.startsWith('#') ? '' : value)
}

function brief(code: WaitingBrief['code'], at: number | null, name = ''): WaitingBrief {
  return { code, at, name: name === '' ? null : name }
}
