// Every process that the bench starts is started here and ends with the bench, however that ends.
// Apps are forked and ask for an IPC channel; a server is a command in a process group of its own, since it may start more.
// Only processes started here are ever signalled, by their own id.

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
/** A server may let open calls finish for 10 s. */
const STOP_MS = 15_000

/** Negative for a process group, as `process.kill` takes it. */
const alive = new Set<number>()
const directories = new Set<string>()

/** A child started from a command line in the shell, with its output in a file. */
export interface Command {
  readonly pid: number
  readonly child: ChildProcess
}

/** Starts `command` in a shell, in its own process group. */
export function startCommand(command: string, logFile: string): Command {
  const log = openSync(logFile, 'a')
  // `exec` makes the shell become the program, so that its pid is the program's. The watcher beside it reads a pipe that only the
  // bench holds: when the bench is gone in a way that runs no handler, the pipe ends and the watcher ends the group.
  const child = spawn('/bin/sh', ['-c', `(read _ <&3; kill -KILL 0) & exec ${command} 3<&-`], {
    cwd: REPOSITORY,
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...process.env, PATH: `${join(REPOSITORY, 'node_modules/.bin')}:${process.env.PATH ?? ''}` },
  })
  closeSync(log)
  // Ends the watcher, and with it whatever else is left of the group, when the program has ended by itself.
  child.once('exit', () => child.stdio[3]?.destroy())
  return { pid: track(child, -1), child }
}

/** Starts one of the bench's own apps, a module next to this one; it must end when its channel closes. */
export function startApp(module: URL, args: readonly string[]): ChildProcess {
  const child = fork(module, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  track(child, 1)
  return child
}

function track(child: ChildProcess, sign: 1 | -1): number {
  const { pid } = child
  if (pid === undefined) throw new Error(`could not start ${child.spawnfile}`)
  alive.add(sign * pid)
  child.once('exit', () => alive.delete(sign * pid))
  return pid
}

/** Asks a child to end, and makes it end when it has not after 15 s. */
export async function stopChild(child: ChildProcess): Promise<void> {
  const { pid } = child
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const target = alive.has(-pid) ? -pid : pid
  signal(target, 'SIGTERM')
  const timer = setTimeout(() => signal(target, 'SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/** A directory that is removed at the end of the bench, or before by `removeDirectory`. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pawl-bench-'))
  directories.add(directory)
  return directory
}

/** Removes a directory made by `temporaryDirectory`. */
export function removeDirectory(directory: string): void {
  if (directories.delete(directory)) rmSync(directory, { recursive: true, force: true })
}

/** Makes sure that nothing outlives the bench. Call once, before anything is started. */
export function cleanUpAtExit(): void {
  process.on('exit', () => {
    for (const target of alive) signal(target, 'SIGKILL')
    for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(130))
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name)
  } catch {
    // It has ended by itself in the meantime, which is what was wanted.
  }
}
