// graphile-worker on the bench's PostgreSQL, 24 jobs at a time: as it comes, or with what its manual has for throughput (`batched`), a
// local queue and completion in batches.

import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { servePeer } from './peer.ts'

const connectionString = process.argv[2] ?? ''
const batching =
  process.argv[3] === 'batched' ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {}
const logger = new Logger(() => () => {})

await servePeer(async (jobDone) => {
  await run({
    preset: {
      worker: {
        connectionString,
        concurrentJobs: 24,
        maxPoolSize: 26,
        logger,
        ...batching,
      },
    },
    noHandleSignals: true,
    taskList: { noop: async () => jobDone() },
  })
  const utils = await makeWorkerUtils({ connectionString, logger })
  return {
    window: 1_000,
    batch: 100,
    add: (count) => utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'noop', payload: {} }))),
  }
})
