// The end of one branch of a run, whatever ended it: a matching event, an answer of an invoked run, a deadline, a sleep
// that is over, a call. The member that ends lowers the count of open branches; the last one turns its own item into the
// discovery, the others end theirs. Versions before 2 and race members discover after each end, with at most one discovery open.
import { NULL_MEMO } from '@pawl/protocol'
import type { HistoryStatus, ItemRow, WaitRow } from '@pawl/storage'
import { readDetail, type StepDetail } from '../history/step-detail.ts'
import type { Draft, RunDraft } from './draft.ts'
import { goOnWith } from './place-item.ts'

export interface Resume {
  readonly wait: WaitRow
  readonly memo: string
  readonly status: HistoryStatus
  readonly detail: StepDetail
}

/** Resolves an open wait of a live run. Nothing happens when its item or its place is gone. */
export function resumeStep(draft: Draft, run: RunDraft, resume: Resume): void {
  const { wait } = resume
  const item = run.itemOf(wait.step)
  run.push({ end: 'wait', key: wait.key })
  if (item === undefined) return
  endStep(draft, run, { item, memo: resume.memo, status: resume.status, detail: resume.detail })
}

export interface StepEnd {
  readonly item: ItemRow
  readonly memo: string
  readonly status: HistoryStatus
  /** Added to the item's own detail. */
  readonly detail?: StepDetail
}

/** Records a step that ended without a call of the app, and ends its branch. */
export function endStep(draft: Draft, run: RunDraft, end: StepEnd): void {
  const { item } = end
  const detail = { ...readDetail(item.detail), ...end.detail }
  if (run.memo(item.step, end.memo, null)) {
    run.record({
      kind: 'step',
      status: end.status,
      step: item.step,
      name: detail.name ?? item.step,
      stepKind: detail.kind ?? null,
      attempt: item.attempt,
      queuedAt: item.queuedAt,
      startedAt: item.startedAt ?? item.queuedAt,
      detail: withoutPayload(detail),
      error: null,
    })
  }
  endMember(draft, run, item)
}

/** A sleep is over: its memo is null. */
export function endSleep(draft: Draft, run: RunDraft, item: ItemRow): void {
  endStep(draft, run, { item, memo: NULL_MEMO, status: 'completed' })
}

/** Ends the branch that the item stands for; the discovery that follows, if any, is leased or ready. */
export function endMember(draft: Draft, run: RunDraft, item: ItemRow): void {
  countDown(run, item)
  const discovery = run.itemOf('')
  if (!discoversNow(run, item)) return run.endItem(item)
  if (discovery !== undefined) {
    run.endItem(item)
    // A discovery that is out already may not know of this end: it discovers once more when it is back.
    if (discovery.state === 'leased' && !draft.isLeasing(discovery.key)) run.setItem({ ...discovery, again: true })
    return
  }
  becomeDiscovery(draft, run, item)
}

function countDown(run: RunDraft, item: ItemRow): void {
  if (item.race) run.set({ racing: Math.max(0, run.state.racing - 1) })
  else run.set({ open: Math.max(0, run.state.open - 1) })
}

function discoversNow(run: RunDraft, item: ItemRow): boolean {
  return item.race || run.state.open === 0 || discoversEachEnd(run.state.version)
}

/** Versions before 2 (and apps that tell none) discover after each end; 2 after the last. */
export function discoversEachEnd(version: number): boolean {
  return version < 2
}

/** Turns an item into the discovery of its run, and goes on with it. */
export function becomeDiscovery(draft: Draft, run: RunDraft, item: ItemRow): void {
  const base = {
    ...item,
    step: '',
    kind: 'call',
    attempt: 0,
    claims: 0,
    due: draft.now,
    queuedAt: draft.now,
    again: false,
    race: false,
    detail: null,
  } as const
  goOnWith(draft, run, base, item.step)
}

/** What the history keeps of a detail: not the request of a gateway, which may hold secrets. */
export function withoutPayload(detail: StepDetail): StepDetail {
  const { request: _request, ...rest } = detail
  return rest
}
