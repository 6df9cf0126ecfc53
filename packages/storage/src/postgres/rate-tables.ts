// What bounds how often: the arrival time that a rate remembers of its starts, and the events that a lossy rate limit has
// admitted. Both are as good as none once their time has passed, so that they need not be deleted in time.
import type { AdmissionRow, RateRow } from '../contract/rows.ts'
import { type Columns, columns } from './columns.ts'
import { statement } from './connection.ts'
import { timeSql } from './time.ts'
import { insertSql, type Part } from './write-parts.ts'

const RATE: Columns<RateRow> = columns({ name: ['text', (row) => row.name], tat: ['int8', (row) => row.tat] })

const ADMISSION: Columns<AdmissionRow> = columns({
  key: ['int8', (row) => row.key],
  name: ['text', (row) => row.name],
  at: ['int8', (row) => row.at],
  expires_at: ['int8', (row) => row.expiresAt],
})

export const PUT_RATES: Part<RateRow> = {
  name: 'put_rates',
  columns: RATE,
  sql: insertSql('rates', RATE, 'ON CONFLICT (name) DO UPDATE SET tat = excluded.tat'),
}

export const PUT_ADMISSIONS: Part<AdmissionRow> = {
  name: 'put_admissions',
  columns: ADMISSION,
  sql: insertSql('admissions', ADMISSION),
}

/** Admissions within the last `$2` ms before the time, which `$3` and `$4` give as in `timeSql`; in the order asked. */
export const WINDOWS = statement<[name: string, count: number]>(
  'windows',
  `SELECT u.name, (SELECT count(*) FROM admissions a WHERE a.name = u.name AND a.at > t.now - u.period_ms)
   FROM unnest($1::text[], $2::int8[]) WITH ORDINALITY AS u (name, period_ms, at),
     (SELECT ${timeSql(3, 4)} AS now OFFSET 0) t ORDER BY u.at`,
)

export const END_RATES = statement(
  'end_rates',
  `DELETE FROM rates WHERE tat < $1::int8 * 1000
   AND name IN (SELECT name FROM rates WHERE tat < $1::int8 * 1000 ORDER BY tat LIMIT $2)`,
)

export const END_ADMISSIONS = statement(
  'end_admissions',
  'DELETE FROM admissions WHERE key IN (SELECT key FROM admissions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)',
)
