// Looks at the file's soundness after an unclean stop, in a thread with a connection of its own, table by table. The
// start waits a bounded time for it; a check that takes longer goes on beside the server and still tells what it finds.
import { Worker } from 'node:worker_threads'
import { StorageError } from '../errors.ts'

/** Milliseconds that a start waits. A sound file of 400 MB is looked through in about that time. */
const WAIT_MS = 2_000

// As text, so that it needs no file of its own in a bundle. It stops between two tables when it is told to.
const CHECK = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const stop = new Int32Array(workerData.stop)
try {
  const db = new DatabaseSync(workerData.path, { readOnly: true, timeout: 5000 })
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  let found = null
  for (const { name } of tables) {
    if (Atomics.load(stop, 0) === 1 || found !== null) break
    const [row] = db.prepare('PRAGMA quick_check("' + name + '")').all()
    if (row.quick_check !== 'ok') found = name + ': ' + row.quick_check
  }
  db.close()
  parentPort.postMessage({ found })
} catch (error) {
  parentPort.postMessage({ found: String(error.message) })
}
`

/** A check that may still be going on. */
export interface FileCheck {
  /** What is wrong with the file, or null; resolves when the check ends or was stopped. */
  readonly problem: Promise<string | null>
  stop(): void
}

/**
 * Begins a check of the file and waits for its end, 2 seconds at most.
 *
 * @throws StorageError `storage_damaged` when the file is known to be damaged by then.
 */
export async function checkFile(path: string): Promise<FileCheck> {
  const check = begin(path)
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), WAIT_MS)
  })
  const problem = await Promise.race([check.problem, waited])
  clearTimeout(timer)
  if (problem !== null) throw damaged(problem)
  return check
}

/** The error for a file that is not sound. */
export function damaged(problem: string): StorageError {
  const message = `The file of the store is damaged (${problem}). Restore a backup or run \`recover\`.`
  return new StorageError('storage_damaged', message)
}

function begin(path: string): FileCheck {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(CHECK, { eval: true, workerData: { path, stop: stop.buffer }, name: 'pawl-check' })
  // It must not keep a process alive that has nothing else to do.
  worker.unref()
  const problem = new Promise<string | null>((resolve) => {
    worker.on('message', ({ found }: { readonly found: string | null }) => resolve(found))
    worker.on('error', (error) => resolve(error.message))
    worker.on('exit', () => resolve(null))
  })
  return { problem, stop: () => void Atomics.store(stop, 0, 1) }
}
