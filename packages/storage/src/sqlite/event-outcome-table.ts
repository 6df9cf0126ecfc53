// What an event made besides runs: skips, and the keys under which a repeat is known. An idempotency row that has
// expired is as good as none, so that it need not be deleted in time.
import type { DatabaseSync } from 'node:sqlite'
import type { IdempotencyRow, Key, SkipRow } from '../contract/rows.ts'
import { insert, LIMIT, misfit, query } from './statement.ts'

export type EventOutcomeTable = ReturnType<typeof openEventOutcomeTable>

export function openEventOutcomeTable(db: DatabaseSync) {
  const putSkip = insert(db, 'skips', 'event, fn, reason, detail')
  const put = insert(
    db,
    'idempotency',
    'fn, key, run, expires_at',
    `ON CONFLICT (fn, key) DO UPDATE SET run = excluded.run, expires_at = excluded.expires_at
     WHERE idempotency.expires_at <= ?`,
  )
  const byKey = query<[number]>(db, 'SELECT run FROM idempotency WHERE fn = ? AND key = ? AND expires_at > ?')
  const endExpired = db.prepare(END_EXPIRED)

  return {
    putSkip({ event, fn, reason, detail }: SkipRow): void {
      putSkip.run(event, fn, reason, detail)
    },
    putIdempotency({ fn, key, run, expiresAt }: IdempotencyRow, now: number): void {
      const { changes } = put.run(fn, key, run, expiresAt, now)
      if (changes !== 1) throw misfit(`function ${fn} has a run under the idempotency key "${key}"`)
    },
    idempotency(fn: Key, key: string, now: number): Key | undefined {
      return byKey.get(fn, key, now)?.[0]
    },
    endExpired(before: number, max: number): void {
      endExpired.run(before, max)
    },
  }
}

export const END_EXPIRED = `DELETE FROM idempotency WHERE (fn, key) IN
  (SELECT fn, key FROM idempotency WHERE expires_at < ? ORDER BY expires_at ${LIMIT})`
