// The list reads, each over the rows that its file is named for.
import type { ListReads } from '../contract/lists.ts'
import type { RunStatus } from '../contract/rows.ts'
import { openBulkQueries } from './bulk-queries.ts'
import { openEventQueries } from './lists-events.ts'
import { openFailureQueries } from './lists-failures.ts'
import { openJobQueries } from './lists-jobs.ts'
import { count, NONE, type Reader } from './lists-reader.ts'
import { openRegistryQueries } from './lists-registry.ts'
import { openRunQueries } from './lists-runs.ts'
import { openSessionQueries } from './lists-sessions.ts'
import { openTallyQueries } from './lists-tallies.ts'
import { openStandingQueries } from './standing-queries.ts'

/** Opens the list reads. */
export function openListQueries(reader: Reader): Omit<ListReads, 'close'> {
  return {
    ...openEventQueries(reader),
    ...openRunQueries(reader),
    ...openFailureQueries(reader),
    ...openRegistryQueries(reader),
    ...openTallyQueries(reader),
    ...openStandingQueries(reader),
    ...openBulkQueries(reader),
    ...openJobQueries(reader),
    ...openSessionQueries(reader),
    totals: () => totals(reader),
  }
}

async function totals(reader: Reader): ReturnType<ListReads['totals']> {
  const byStatus = new Map(await reader.all<[string, number]>('SELECT status, count(*) FROM runs GROUP BY status'))
  const items = await reader.all<[string, number]>('SELECT state, count(*) FROM items GROUP BY state')
  const runs = (status: RunStatus): number => byStatus.get(status) ?? 0
  return {
    events: await count(reader, 'events', NONE),
    runs: {
      scheduled: runs('scheduled'),
      running: runs('running'),
      completed: runs('completed'),
      failed: runs('failed'),
      cancelled: runs('cancelled'),
      skipped: runs('skipped'),
    },
    items: Object.fromEntries(items),
  }
}
