// Finds a port that nobody listens on, on any address: `localhost` must not lead to somebody else's program.
import { once } from 'node:events'
import { createServer } from 'node:net'

/** How many ports after the wanted one are tried. */
const TRIES = 50

/** The wanted port, or the next free one after it. */
export async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + TRIES; port++) if (await isFree(port)) return port
  throw new Error(`No port from ${wanted} to ${wanted + TRIES - 1} is free.`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port)
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
