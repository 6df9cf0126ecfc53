// A pause that ends by itself: an item of no run that sleeps until then, one for each function or app that is paused so. It
// is written with the pause and ends with it; when it is due it ends the pause that stands then, if that one's time has come.
import type { AppRow, Facts, FunctionRow, ItemRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { PauseRecord } from '../engine.ts'
import type { MatchHooks } from '../match/run-match-item.ts'
import type { Draft, Leased } from '../runs/draft.ts'
import { systemItem } from '../runs/line-item.ts'
import { endPause, type Paused } from './paused.ts'

const PREFIX = 'unpause:'

export function isUnpauseItem(item: ItemRow): boolean {
  return item.kind === 'line' && item.step.startsWith(PREFIX)
}

export function unpauseName({ app, functions }: Paused): string {
  return app === null ? `${PREFIX}fn:${functions[0]?.row.key ?? 0}` : `${PREFIX}app:${app.row.key}`
}

/** Sees to it that the pause ends at this instant; null: that nothing ends it. The name is among the needs. */
export function armUnpause(draft: Draft, facts: Facts, paused: Paused, until: number | null): void {
  const name = unpauseName(paused)
  const armed = facts.named(name)
  if (armed === undefined) return until === null ? undefined : putUnpause(draft, name, until)
  if (until === null) return draft.push({ end: 'item', key: armed.key })
  // One that is at work now was for the pause before.
  const epoch = armed.state === 'leased' ? armed.epoch + 1 : armed.epoch
  draft.push({ set: 'item', row: { ...armed, state: 'sleeping', owner: 0, epoch, claims: 0, due: until } })
}

function putUnpause(draft: Draft, name: string, due: number): void {
  draft.push({ put: 'item', row: systemItem(draft, { kind: 'line', step: name, fn: null, due }) })
}

/** Arms what a reset has taken away: the pauses themselves stay. */
export function rearmUnpauses(ctx: EngineContext, draft: Draft): void {
  for (const app of ctx.registry.apps()) rearm(draft, app.row, { app, functions: [] })
  for (const fn of ctx.registry.functions()) rearm(draft, fn.row, { app: null, functions: [fn] })
}

function rearm(draft: Draft, { pause }: Pick<AppRow | FunctionRow, 'pause'>, paused: Paused): void {
  const until = untilOf(pause)
  if (until !== null) putUnpause(draft, unpauseName(paused), until)
}

function untilOf(pause: string | null): number | null {
  // The engine wrote it.
  return pause === null ? null : ((JSON.parse(pause) as PauseRecord).until ?? null)
}

/** Works on an item whose time has come. */
export async function runUnpauseItem(ctx: EngineContext, hooks: MatchHooks, { item }: Leased): Promise<void> {
  for (;;) {
    const paused = pausedBy(ctx, item.step)
    const committed = await commit(ctx, {
      needs: { registry: true },
      fence: { run: null, item: item.key, epoch: item.epoch },
      registry: ctx.registry.version,
      decide: (draft, facts) => {
        draft.push({ end: 'item', key: item.key })
        const until = paused === undefined ? null : untilOf((paused.app ?? paused.functions[0])?.row.pause ?? null)
        if (paused !== undefined && until !== null && until <= draft.now) endPause(draft, facts, paused)
      },
    })
    if (committed === 'stale') return
    if (committed === 'moved') {
      await ctx.refreshRegistry()
      continue
    }
    hooks.follow(committed.effects, committed.mark)
    return
  }
}

function pausedBy(ctx: EngineContext, name: string): Paused | undefined {
  const [, kind, text] = name.split(':')
  const key = Number(text)
  const fn = kind === 'fn' ? ctx.registry.fn(key) : undefined
  if (fn !== undefined) return { app: null, functions: [fn] }
  const app = kind === 'app' ? ctx.registry.app(key) : undefined
  if (app === undefined) return undefined
  return { app, functions: [...ctx.registry.functions()].filter(({ row }) => row.app === key) }
}
