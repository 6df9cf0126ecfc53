/**
 * Free ports on the loopback interface, for processes that must be told their port before they start.
 * A port is free at the moment it is given; nothing reserves it after that.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Finds a free port. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0)
  if (port === undefined) throw new Error('No free port on the loopback interface')
  return port
}

/** The first of some ports that nobody listens on. */
export async function firstFreePort(wanted: readonly number[]): Promise<number | undefined> {
  for (const port of wanted) {
    const free = await tryPort(port)
    if (free !== undefined) return free
  }
  return undefined
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return undefined
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : undefined
}
