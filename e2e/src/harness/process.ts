/**
 * A child process that a test may stop, kill or find alive, and whose output is kept for the report of a failure.
 * Every child is killed by its own process ID when the test process ends, however that happens.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** The most characters of output kept of one child. */
const OUTPUT_KEPT = 200_000

/** A running or ended child process. */
export interface Child {
  readonly pid: number
  /** What it wrote so far, both streams mixed. */
  output(): string
  running(): boolean
  /** Sends a signal and waits for the end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Resident memory in bytes (Linux); `undefined` elsewhere. */
  memoryBytes(): Promise<number | undefined>
}

/** Starts a Node program with the Node that runs the tests. */
export function startChild(file: string, options: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {}): Child {
  const child = spawn(process.execPath, [file, ...(options.args ?? [])], {
    env: { ...quietEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`Could not start ${file}`)
  children.add(child)
  const ended = once(child, 'exit').finally(() => children.delete(child))
  const output = collect(child)
  const running = (): boolean => child.exitCode === null && child.signalCode === null
  return {
    pid,
    output,
    running,
    end: async (signal) => {
      if (running()) child.kill(signal)
      await ended
    },
    memoryBytes: () => residentBytes(pid),
  }
}

function collect(child: ChildProcess): () => string {
  let kept = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (chunk: string) => {
      kept = (kept + chunk).slice(-OUTPUT_KEPT)
    })
  }
  return () => kept
}

/** The environment without what would point an SDK or the server somewhere else. */
function quietEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(INNGEST|PAWL|VITEST|NODE_OPTIONS)/.test(name))
  return Object.fromEntries(kept)
}

async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
    return kib === undefined ? undefined : Number(kib) * 1024
  } catch {
    return undefined
  }
}
