// Works on a bulk operation that is due: one page in one operation, then its item sleeps until the next.
import type { BulkRow, ItemRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { MatchHooks } from '../match/run-match-item.ts'
import type { Leased } from '../runs/draft.ts'
import { readBulkDetail, setBulk } from './bulk-item.ts'
import type { BulkPage } from './bulk-page.ts'
import { storedBulk } from './bulk-request.ts'
import { cancelPage } from './cancel-page.ts'
import { replayPage } from './replay-page.ts'

export async function runBulkItem(ctx: EngineContext, hooks: MatchHooks, leased: Leased): Promise<void> {
  const { item } = leased
  const row = await ctx.store.state.bulk(readBulkDetail(item).bulk)
  for (;;) {
    const page = row === undefined ? null : await pageOf(ctx, row, item)
    const committed = await commit(ctx, {
      needs: page?.needs ?? {},
      fence: { run: null, item: item.key, epoch: item.epoch },
      registry: page?.registry,
      decide: (draft, facts) => {
        // Its row went with a reset.
        if (row === undefined || page === null) return draft.push({ end: 'item', key: item.key })
        const next = page.decide(draft, facts)
        setBulk(draft, { row, item }, next)
        return next.due === null ? next.detail.done : undefined
      },
    })
    // Stopped, or another process has it.
    if (committed === 'stale') return
    if (committed === 'moved') {
      await ctx.refreshRegistry()
      continue
    }
    hooks.follow(committed.effects, committed.mark)
    if (row !== undefined && committed.result !== undefined) tellEnd(ctx, row, committed.result)
    return
  }
}

function pageOf(ctx: EngineContext, row: BulkRow, item: ItemRow): Promise<BulkPage> {
  const work = { row, wanted: storedBulk(row), detail: readBulkDetail(item), startedAt: item.startedAt ?? 0 }
  return row.kind === 'cancel' ? cancelPage(ctx, work) : replayPage(ctx, work)
}

function tellEnd(ctx: EngineContext, row: BulkRow, runs: number): void {
  const what = row.kind === 'cancel' ? 'live runs were cancelled' : 'runs were started again'
  const fn = row.fn === null ? undefined : ctx.registry.fn(row.fn)
  ctx.log.info({ function: fn?.row.slug, bulk: row.id, runs }, what)
}
