// Appends to a session's log, all or nothing. `seq` is given under the session's row, so that it has no gaps however many
// append at once; what has a name that is there already is answered as it stands.
import type { Facts, SessionItemRow, SessionRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { EngineError } from '../errors.ts'
import { checkItems } from './check-given.ts'
import { type Done, decided, sessionEnded, sessionNotFound, tooManyItems } from './decided.ts'
import type { ItemGiven } from './door.ts'
import { SessionDraft } from './session-draft.ts'

/** @throws EngineError `session_not_found`, `session_ended`, `session_invalid`, `session_too_large`, `too_many_items` */
export async function appendItems(
  ctx: EngineContext,
  id: string,
  items: readonly ItemGiven[],
): Promise<Done<readonly SessionItemRow[]>> {
  checkItems(items)
  const found = await ctx.store.state.sessionByUlid(id)
  if (found === undefined) throw sessionNotFound(id)
  const names = items.flatMap(({ name }) => (name === null ? [] : [{ session: found.key, name }]))
  return decided(ctx, {
    needs: { sessions: [found.key], sessionItems: names },
    decide: (draft, facts): readonly SessionItemRow[] | EngineError => {
      const row = facts.session(found.key)
      if (row === undefined) return sessionNotFound(id)
      const known = knownItems(facts, row, items)
      const refused = refusal(ctx, row, countNew(items, known))
      if (refused !== null) return refused
      return appended(new SessionDraft(ctx, draft, row), items, known)
    },
  })
}

function knownItems(facts: Facts, { key }: SessionRow, items: readonly ItemGiven[]): Map<string, SessionItemRow> {
  const known = new Map<string, SessionItemRow>()
  for (const { name } of items) {
    const item = name === null ? undefined : facts.sessionItem(key, name)
    if (item !== undefined && name !== null) known.set(name, item)
  }
  return known
}

function countNew(items: readonly ItemGiven[], known: ReadonlyMap<string, SessionItemRow>): number {
  const names = new Set(items.flatMap(({ name }) => (name === null || known.has(name) ? [] : [name])))
  return names.size + items.filter(({ name }) => name === null).length
}

/** What is all there already may be told again at any time: the answer to the first may have been lost. */
function refusal(ctx: EngineContext, row: SessionRow, count: number): EngineError | null {
  if (count === 0) return null
  if (row.endedAt !== null) return sessionEnded(row.id, row.status)
  const { sessionItemsMax } = ctx.limits
  return row.items + count > sessionItemsMax ? tooManyItems(row.id, sessionItemsMax) : null
}

function appended(
  session: SessionDraft,
  items: readonly ItemGiven[],
  known: Map<string, SessionItemRow>,
): readonly SessionItemRow[] {
  const before = session.row.items
  const rows = items.map((item) => {
    const there = item.name === null ? undefined : known.get(item.name)
    if (there !== undefined) return there
    const row = session.append(item)
    if (item.name !== null) known.set(item.name, row)
    return row
  })
  if (session.row.items > before) session.finish()
  return rows
}
