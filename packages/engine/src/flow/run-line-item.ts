// Moves lines on: those that were handed over, those of a function whose limits have changed, and the one whose rate allows
// the next start now. The limits are locked with the heads of their lines, and what has room is let in.
import type { ItemRow, Key, LimitSearch } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { ruleOf } from '../lines/rules.ts'
import { nextLookAt } from '../runs/admit-item.ts'
import type { Draft, Leased } from '../runs/draft.ts'
import { type LineDetail, putRelineItem } from '../runs/line-item.ts'
import { moveLines } from '../runs/move-lines.ts'
import type { FlowHooks } from './fire-window.ts'

/** Items that are looked at in one operation, over all of its lines, and of one of them at least. */
const HEADS_MAX = 200
const HEADS_EACH_MIN = 10
/** Lines of one function that are looked at in one operation. */
const LINES_MAX = 20

interface Work {
  readonly names: readonly string[]
  /** The function whose further lines follow, and the last one of these. */
  readonly more: { readonly fn: Key; readonly after: string } | null
}

/** Works on one item of kind `line` that is leased. */
export async function runLineItem(ctx: EngineContext, hooks: FlowHooks, leased: Leased): Promise<void> {
  const { item } = leased
  for (;;) {
    const work = await workOf(ctx, item)
    const committed = await commit(ctx, {
      needs: { limits: searches(work.names) },
      fence: { run: null, item: item.key, epoch: item.epoch },
      registry: ctx.registry.version,
      decide: (draft) => move(draft, item, work),
    })
    if (committed === 'stale') return
    if (committed !== 'moved') {
      hooks.follow(committed.effects, committed.mark)
      return
    }
    await ctx.refreshRegistry()
  }
}

async function workOf(ctx: EngineContext, item: ItemRow): Promise<Work> {
  if (item.step !== '') return { names: [item.step], more: null }
  // The engine wrote it.
  const detail = JSON.parse(item.detail ?? '{"names":[]}') as LineDetail
  if ('names' in detail) return { names: detail.names, more: null }
  const names = await ctx.store.state.linesOf(detail.fn, detail.after, LINES_MAX)
  const last = names.at(-1)
  return { names, more: last === undefined || names.length < LINES_MAX ? null : { fn: detail.fn, after: last } }
}

function searches(names: readonly string[]): readonly LimitSearch[] {
  const take = Math.max(HEADS_EACH_MIN, Math.floor(HEADS_MAX / Math.max(1, names.length)))
  return names.map((name) => ({ name, take }))
}

function move(draft: Draft, item: ItemRow, { names, more }: Work): void {
  draft.ledger.isLook = true
  for (const name of names) draft.ledger.stir(name)
  moveLines(draft)
  if (more !== null) putRelineItem(draft, more.fn, more.after)
  const due = item.step === '' ? null : nextLook(draft, item.step)
  if (due === null) draft.push({ end: 'item', key: item.key })
  else draft.push({ set: 'item', row: { ...item, state: 'sleeping', owner: 0, claims: 0, due } })
}

/** When the rate allows the next start of who still stands in the line; null when nobody does. */
function nextLook(draft: Draft, name: string): number | null {
  const { ledger } = draft
  const [head] = ledger.heads(name)
  if (head === undefined) return ledger.hasMore(name) ? draft.now : null
  const fn = draft.fn(head.fn)
  const rule = fn === undefined ? undefined : ruleOf(fn.row.key, fn.rules, name)
  return rule?.kind === 'throttle' ? nextLookAt(draft, rule.rule, name) : null
}
