/**
 * Requests that no HTTP library would send, written on a bare socket.
 */
import { connect } from 'node:net'

/** One request, byte by byte, and the status that must come back (`closed`: the connection may also just be closed). */
export interface SocketCase {
  readonly title: string
  readonly bytes: string
  readonly statuses: readonly number[]
  readonly withinMs?: number
}

const HOST = 'Host: 127.0.0.1\r\n'

/** Malformed HTTP. */
export const SOCKET_CASES: readonly SocketCase[] = [
  { title: 'no HTTP', bytes: 'EHLO example.com\r\n\r\n', statuses: [400] },
  {
    title: 'both Content-Length and Transfer-Encoding',
    bytes: `POST /e/key HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    statuses: [400],
  },
  {
    title: 'two different lengths',
    bytes: `POST /e/key HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    statuses: [400],
  },
  { title: 'an obsolete folded header', bytes: `GET /health HTTP/1.1\r\n${HOST}X-A: b\r\n c\r\n\r\n`, statuses: [400] },
  {
    title: 'a bare line feed in a header',
    bytes: `GET /health HTTP/1.1\r\n${HOST}X-A: b\nX-B: c\r\n\r\n`,
    statuses: [400],
  },
  { title: 'a space before the colon', bytes: `GET /health HTTP/1.1\r\n${HOST}X-A : b\r\n\r\n`, statuses: [400] },
  { title: 'a NUL in a header', bytes: `GET /health HTTP/1.1\r\n${HOST}X-A: b\u0000c\r\n\r\n`, statuses: [400] },
  {
    title: 'a chunk whose size is none',
    bytes: `POST /e/key HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
    statuses: [400],
  },
  {
    title: 'headers of 20 KiB',
    bytes: `GET /health HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(20_000)}\r\n\r\n`,
    statuses: [431],
  },
  { title: 'a request line of 9 KiB', bytes: `GET /${'a'.repeat(9_000)} HTTP/1.1\r\n${HOST}\r\n`, statuses: [414] },
  {
    title: 'headers that do not come to an end',
    bytes: `GET /health HTTP/1.1\r\n${HOST}X-A: `,
    statuses: [408],
    withinMs: 25_000,
  },
]

/** Writes the bytes and gives the status of the answer; `undefined` when the connection was closed without one. */
export function statusOf(port: number, bytes: string, withinMs = 5_000): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    let seen = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')))
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`Neither an answer nor an end within ${withinMs} ms; got ${JSON.stringify(seen.slice(0, 200))}`))
    }, withinMs)
    const done = (): void => {
      clearTimeout(timer)
      socket.destroy()
      const status = /^HTTP\/1\.1 (\d{3})/.exec(seen)?.[1]
      resolve(status === undefined ? undefined : Number(status))
    }
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1')
      if (seen.includes('\r\n')) done()
    })
    socket.on('error', done)
    socket.on('close', done)
  })
}
