// pg-boss on the bench's PostgreSQL, with what its manual has for throughput: batches, NOTIFY, and no rest while batches are full.

import { PgBoss } from 'pg-boss'
import { servePeer } from './peer.ts'

const BATCH = 100
const QUEUE = 'noop'

const boss = new PgBoss({ connectionString: process.argv[2] ?? '', useListenNotify: true })
boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`))
await boss.start()
await boss.createQueue(QUEUE, { notify: true })

await servePeer(async (jobDone) => {
  const options = { batchSize: BATCH, localConcurrency: 2, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }
  await boss.work(QUEUE, options, async (jobs) => {
    for (const _ of jobs) jobDone()
  })
  return {
    window: 1_000,
    batch: BATCH,
    add: (count) => boss.insert(QUEUE, Array(count).fill({ data: {} })),
  }
})
