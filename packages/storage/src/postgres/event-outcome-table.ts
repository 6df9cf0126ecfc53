// What an event made besides runs: skips, what it did to runs that were there, and the keys under which a repeat is known.
// An idempotency row that has expired is as good as none, so that it need not be deleted in time.
import type { EffectRow, IdempotencyRow, SkipRow } from '../contract/rows.ts'
import { type Columns, columns } from './columns.ts'
import { statement } from './connection.ts'
import { timeSql } from './time.ts'
import { insertSql, type Part } from './write-parts.ts'

const SKIP: Columns<SkipRow> = columns({
  event: ['int8', (row) => row.event],
  fn: ['int8', (row) => row.fn],
  reason: ['text', (row) => row.reason],
  detail: ['text', (row) => row.detail],
})

const EFFECT: Columns<EffectRow> = columns({
  event: ['int8', (row) => row.event],
  run: ['int8', (row) => row.run],
  how: ['text', (row) => row.how],
})

const IDEMPOTENCY: Columns<IdempotencyRow> = columns({
  fn: ['int8', (row) => row.fn],
  key: ['text', (row) => row.key],
  run: ['int8', (row) => row.run],
  expires_at: ['int8', (row) => row.expiresAt],
})

const PUT_KEY = insertSql(
  'idempotency',
  IDEMPOTENCY,
  `ON CONFLICT (fn, key) DO UPDATE SET run = excluded.run, expires_at = excluded.expires_at
   WHERE idempotency.expires_at <= (SELECT now FROM t)`,
)

export const PUT_SKIPS: Part<SkipRow> = { name: 'put_skips', columns: SKIP, sql: insertSql('skips', SKIP) }

/** An event may resume several waits of one run: told once. */
export const PUT_EFFECTS: Part<EffectRow> = {
  name: 'put_effects',
  columns: EFFECT,
  sql: insertSql('effects', EFFECT, 'ON CONFLICT DO NOTHING'),
}

export const PUT_IDEMPOTENCY: Part<IdempotencyRow> = {
  name: 'put_idempotency',
  columns: IDEMPOTENCY,
  sql: (source) => PUT_KEY(source).replace(/RETURNING 1$/, 'RETURNING fn, key'),
  check: {
    identity: ['fn', 'key'],
    says: `'function ' || u.fn || ' has a run under the idempotency key "' || u.key || '"'`,
  },
}

/** `$3` and `$4` as in `TIME`. */
export const IDEMPOTENCY_KEYS = statement<[fn: number, key: string, run: number]>(
  'idempotency',
  `SELECT i.fn, i.key, i.run FROM unnest($1::int8[], $2::text[]) AS u (fn, key)
   JOIN idempotency i ON i.fn = u.fn AND i.key = u.key WHERE i.expires_at > ${timeSql(3, 4)}`,
)

export const END_EXPIRED = statement(
  'end_expired',
  `DELETE FROM idempotency WHERE (fn, key) IN
     (SELECT fn, key FROM idempotency WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
)
