// BullMQ on the bench's Redis: a queue and a worker of 64 jobs at a time.

import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { servePeer } from './peer.ts'

/** A worker's connection blocks, so that it may not be shared. */
const connect = () => new Redis(process.argv[2] ?? '', { maxRetriesPerRequest: null })
const NAME = 'noop'

await servePeer(async (jobDone) => {
  const queue = new Queue(NAME, { connection: connect(), defaultJobOptions: { removeOnComplete: 1_000 } })
  const worker = new Worker(NAME, async () => jobDone(), { connection: connect(), concurrency: 64 })
  worker.on('error', (error) => process.stderr.write(`bullmq: ${error.message}\n`))
  await worker.waitUntilReady()
  return {
    window: 1_000,
    batch: 100,
    add: (count) => queue.addBulk(Array.from({ length: count }, () => ({ name: NAME, data: {} }))),
  }
})
