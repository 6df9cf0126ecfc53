// One line about the machine, since no figure means anything without it: processor, Node, and what an fsync costs where the stores stand.

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { removeDirectory, temporaryDirectory } from '../stand/children.ts'
import { monotonicMs } from '../stand/clock.ts'
import { median } from './spread.ts'

const SYNCS = 50

/** Processor, cores, Node, and the median fdatasync of a 4 KiB write. */
export function describeMachine(): string {
  const processors = cpus()
  const model = processors[0]?.model ?? 'unknown processor'
  return `${processors.length} × ${model}, Node ${process.version}, fdatasync ${syncMs().toFixed(2)} ms`
}

/**
 * What a full sync of one page costs right now, in milliseconds. It goes from 0.2 to 3 and back within minutes where a disk is
 * shared, and every latency goes with it; so it is taken again before each measurement.
 */
export function syncMs(): number {
  const directory = temporaryDirectory()
  const file = openSync(join(directory, 'sync'), 'w')
  const page = Buffer.alloc(4096)
  const samples = Array.from({ length: SYNCS }, () => {
    writeSync(file, page)
    const startedAt = monotonicMs()
    fdatasyncSync(file)
    return monotonicMs() - startedAt
  })
  closeSync(file)
  removeDirectory(directory)
  return median(samples)
}
