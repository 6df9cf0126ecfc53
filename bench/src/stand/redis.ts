// A Redis of the bench's own, for the one peer that needs it: the machine's `redis-server` on a loopback port, with an append-only file
// that is synced every second, as that peer's manual recommends. A second of work is lost with the machine; no other contender loses any.

import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { removeDirectory, startCommand, stopChild, temporaryDirectory } from './children.ts'
import { pause } from './clock.ts'
import { freePort } from './server.ts'
import { groupCpuMs } from './usage.ts'

const PROGRAM = 'redis-server'
const BOOT_TRIES_MAX = 500

/** A running Redis. */
export interface Redis {
  readonly url: string
  cpuMs(): number
  stop(): Promise<void>
}

/** Whether this machine has a Redis. */
export function hasRedis(): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, PROGRAM)))
}

/** Starts an empty one. */
export async function startRedis(): Promise<Redis> {
  const directory = temporaryDirectory()
  const port = await freePort()
  const flags = `--port ${port} --bind 127.0.0.1 --dir ${directory} --save '' --appendonly yes --appendfsync everysec`
  const { pid, child } = startCommand(`${PROGRAM} ${flags}`, join(directory, 'redis.log'))
  const stop = async () => {
    await stopChild(child)
    removeDirectory(directory)
  }
  for (let tried = 0; !(await answers(port)); tried += 1) {
    if (tried < BOOT_TRIES_MAX && child.exitCode === null) await pause(10)
    else {
      await stop()
      throw new Error('redis-server did not start')
    }
  }
  return { url: `redis://127.0.0.1:${port}`, cpuMs: () => groupCpuMs(pid), stop }
}

/** It accepts a connection when it is ready. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.end())
  })
}
