// Answers on the bare socket and then closes it: for requests whose rest nobody wants to read (too large, too slow, not
// HTTP). What the peer still sends is not read any more, so that it costs no memory; the answer stays readable for it.
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refusal } from './http-errors.ts'

/** How long the peer may take to read the answer, in milliseconds. */
const LINGER_MS = 1_000

/** Writes a whole answer with `Connection: close`, and closes the connection soon after. */
export function refuseSocket(socket: Duplex, refusal: Refusal): void {
  if (!socket.writable || socket.destroyed) {
    socket.destroy()
    return
  }
  const headers = Object.entries({
    ...refusal.headers,
    'content-length': String(Buffer.byteLength(refusal.body)),
    connection: 'close',
  })
  const reason = STATUS_CODES[refusal.status] ?? 'Error'
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${refusal.status} ${reason}\r\n${head}\r\n${refusal.body}`)
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.on('close', () => clearTimeout(timer))
}
