// The runs that a bulk operation is about: those of its window, in order, or those that it names.
import type { Key, ListCursor, RunQuery, RunView } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { BulkAsk } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { Expression } from '../expression/index.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import { compileConditions, holdsForEvent, holdsForRun, type RunChoice } from './run-conditions.ts'

export type Window = Pick<BulkAsk, 'runIds' | 'from' | 'until' | 'statuses' | 'conditions'>

export interface RunPage {
  readonly views: readonly RunView[]
  /** Where the next page begins; null: there is none. */
  readonly next: ListCursor | null
  /** Where the next page begins after the views up to this index. */
  cursorAfter(index: number): ListCursor
  /** Of runs that are named: those that are not (or no longer) such as were asked for, beside so many first views. */
  missedBeside(views: number): number
}

/** The roots over which conditions are, where they see all of a run. */
const RUN_ROOTS = ['event', 'output', 'error']

/** Keys of functions; undefined: all. @throws EngineError `function_not_found` */
export function functionKeys(ctx: EngineContext, ids: readonly string[] | null): readonly Key[] | undefined {
  return ids === null ? undefined : ids.map((id) => functionById(ctx, id).row.key)
}

/** @throws EngineError `function_not_found` */
export function functionById(ctx: EngineContext, id: string): FunctionEntry {
  for (const fn of ctx.registry.functions()) if (fn.id === id) return fn
  throw new EngineError('function_not_found', `Function ${id} is not known.`)
}

/** One page of them, oldest first (or newest first). */
export async function findRuns(
  ctx: EngineContext,
  window: Window,
  page: {
    readonly fns: readonly Key[] | undefined
    readonly cursor: ListCursor | null
    readonly limit: number
    readonly order?: 'asc' | 'desc'
  },
): Promise<RunPage> {
  if (window.runIds !== null) return findNamed(ctx, window.runIds, { ...page, window })
  const views = window.statuses.length === 0 ? [] : await ctx.store.lists.runs(runQuery(window, page))
  const cursorAfter = (index: number) => cursorOf(views[index])
  return {
    views,
    next: views.length < page.limit ? null : cursorAfter(views.length - 1),
    cursorAfter,
    missedBeside: () => 0,
  }
}

function cursorOf(view: RunView | undefined): ListCursor {
  if (view === undefined) throw new Error('there is no such view in the page')
  return { value: view.row.queuedAt, key: view.row.key }
}

export function runQuery(
  window: Window,
  page: {
    readonly fns: readonly Key[] | undefined
    readonly cursor: ListCursor | null
    readonly limit: number
    readonly order?: 'asc' | 'desc'
  },
): RunQuery {
  const needsValues = window.conditions.length > 0
  return {
    statuses: window.statuses,
    fns: page.fns,
    field: 'queuedAt',
    order: page.order ?? 'asc',
    from: window.from,
    until: window.until,
    after: page.cursor ?? undefined,
    limit: page.limit,
    withOutput: needsValues,
    withEvents: needsValues,
  }
}

/** Of a list of runs the cursor is the place in it. Those that are not in the window are passed over. */
async function findNamed(
  ctx: EngineContext,
  ids: readonly string[],
  page: {
    readonly window: Window
    readonly fns: readonly Key[] | undefined
    readonly cursor: ListCursor | null
    readonly limit: number
  },
): Promise<RunPage> {
  const { window, fns } = page
  const from = page.cursor?.value ?? 0
  const options = { withOutput: window.conditions.length > 0, withEvents: window.conditions.length > 0 }
  const read = await Promise.all(ids.slice(from, from + page.limit).map((id) => ctx.store.lists.run(id, options)))
  const found = read.flatMap((view, index) => (isIn(view) ? [{ view, at: from + index + 1 }] : []))
  const end = from + read.length
  return {
    views: found.map(({ view }) => view),
    next: end >= ids.length ? null : { value: end, key: 0 },
    cursorAfter: (index) => ({ value: found[index]?.at ?? from, key: 0 }),
    missedBeside: (count) => (count === found.length ? end : (found[count - 1]?.at ?? from)) - from - count,
  }

  function isIn(view: RunView | undefined): view is RunView {
    if (view === undefined) return false
    const { status, fn, queuedAt } = view.row
    const isMeant = window.statuses.includes(status) && (fns === undefined || fns.includes(fn))
    return isMeant && queuedAt >= window.from && queuedAt <= window.until
  }
}

/** Which of them the conditions choose. @throws EngineError `invalid_expression` */
export function chooser(
  ctx: EngineContext,
  { conditions, isFirstEvent }: { readonly conditions: readonly string[]; readonly isFirstEvent: boolean },
): (view: RunView) => boolean {
  const compiled: readonly Expression[] = compileConditions(conditions, isFirstEvent ? ['event'] : RUN_ROOTS)
  const choice: RunChoice = { registry: ctx.registry, conditions: compiled, now: ctx.time.now() }
  return (view) => (isFirstEvent ? holdsForEvent(choice, view) : holdsForRun(choice, view))
}
