// One operation's changes of one session. Its row is the lock for the numbers of its items and for its requests, so whatever
// is added goes through here: it hands out `seq`, counts pending requests, and writes the row once. Pure.
import type { RequestRow, SessionItemRow, SessionRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { Draft } from '../runs/draft.ts'
import { objectText } from './session-events.ts'

/** An item without what the session gives it. */
export type NewItem = Pick<SessionItemRow, 'type' | 'role' | 'content' | 'name'>

export class SessionDraft {
  readonly draft: Draft
  readonly #ctx: EngineContext
  #row: SessionRow

  constructor(ctx: EngineContext, draft: Draft, row: SessionRow) {
    this.#ctx = ctx
    this.draft = draft
    this.#row = row
  }

  get row(): SessionRow {
    return this.#row
  }

  set(part: Partial<SessionRow>): void {
    this.#row = { ...this.#row, ...part }
  }

  append(item: NewItem): SessionItemRow {
    const { now } = this.draft
    const seq = this.#row.items + 1
    this.set({ items: seq })
    const row = { ...item, session: this.#row.key, seq, id: this.#ctx.newUlid(now), createdAt: now }
    this.draft.push({ put: 'sessionItem', row })
    return row
  }

  /** An item that tells of a request. */
  note(action: 'requested' | 'resolved', parts: Readonly<Record<string, string | null>>): void {
    const content = objectText({ ...parts, action: `"${action}"` })
    this.append({ type: 'decision', role: null, content, name: null })
  }

  /** A request that is asked now. */
  ask(row: RequestRow): void {
    this.set({ pending: this.#row.pending + 1 })
    this.draft.push({ put: 'request', row })
  }

  /** A request that is pending no more. */
  resolve(row: RequestRow): void {
    this.set({ pending: Math.max(0, this.#row.pending - 1) })
    this.draft.push({ set: 'request', row })
  }

  /** Writes the session's row, after everything else was drafted. */
  finish(): SessionRow {
    this.set({ updatedAt: this.draft.now })
    this.draft.push({ set: 'session', row: this.#row })
    return this.#row
  }
}
