// The sockets: one HTTP server for each host on the same port, with the limits of time, size and number that keep a
// stranger from holding them. Node's parser stays strict; what it refuses is answered in our own shape.
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '../options.ts'
import { surfaceOfPath } from './app.ts'
import { HEADER_BYTES_MAX, REQUEST_LINE_BYTES_MAX } from './guard.ts'
import { HttpError, type HttpErrorCode, renderError } from './http-errors.ts'
import { refuseSocket } from './refuse-socket.ts'

const HEADERS_MS_MAX = 10_000
/** Bodies have a watch of their own; this is the last resort, counted from the first byte of the request. */
const REQUEST_MS_MAX = 45_000
const CHECK_MS = 1_000
/** Longer than clients keep theirs, so that it is they who close. */
const KEEP_ALIVE_MS = 65_000
const CONNECTIONS_MAX = 10_000
const CONNECTIONS_PER_ADDRESS_MAX = 1_000
const PORT_TRIES = 5
const POLL_MS = 20

export interface ListenOptions {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  readonly kind: 'dev' | 'cloud'
  readonly log: Logger
}

export class Listeners {
  readonly #options: ListenOptions
  readonly #servers: HttpServer[] = []
  readonly #perAddress = new Map<string, number>()

  constructor(options: ListenOptions) {
    this.#options = options
  }

  /** Listens on each host. Hosts that this machine does not have are left out while one remains. */
  async listen(hosts: readonly string[], port: number): Promise<number> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#listenAll(hosts, port)
      } catch (error) {
        await this.close(0)
        // A port that was free on the first host may be taken on the second.
        if (port !== 0 || tries >= PORT_TRIES || codeOf(error) !== 'EADDRINUSE') throw error
      }
    }
  }

  /** Takes no new connections, waits up to `graceMs` for open requests, then closes what is left. */
  async close(graceMs: number): Promise<void> {
    const servers = this.#servers.splice(0)
    const ended = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
    const deadline = performance.now() + graceMs
    for (const server of servers) server.closeIdleConnections()
    while (performance.now() < deadline && !(await settled(ended))) {
      for (const server of servers) server.closeIdleConnections()
    }
    for (const server of servers) server.closeAllConnections()
    await ended
  }

  async #listenAll(hosts: readonly string[], port: number): Promise<number> {
    let bound = port
    let missing: unknown
    for (const host of hosts) {
      try {
        bound = await this.#open(host, bound)
      } catch (error) {
        if (hosts.length === 1 || !['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))) throw error
        this.#options.log.debug({ host, err: error }, 'This machine does not have the address')
        missing = error
      }
    }
    if (this.#servers.length === 0) throw missing
    return bound
  }

  #open(host: string, port: number): Promise<number> {
    const server = this.#make()
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, ipv6Only: isIP(host) === 6 && host !== '::' }, () => {
        server.off('error', reject)
        server.on('error', (err) => this.#options.log.error({ err, host }, 'The listening socket failed'))
        this.#servers.push(server)
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  }

  #make(): HttpServer {
    const server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX + REQUEST_LINE_BYTES_MAX,
        headersTimeout: HEADERS_MS_MAX,
        requestTimeout: REQUEST_MS_MAX,
        connectionsCheckingInterval: CHECK_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        insecureHTTPParser: false,
        noDelay: true,
      },
      this.#options.handle,
    )
    server.maxConnections = CONNECTIONS_MAX
    server.on('connection', (socket) => this.#count(socket))
    server.on('drop', () =>
      this.#options.log.warn({ connectionsMax: CONNECTIONS_MAX }, 'A connection was closed: too many'),
    )
    server.on('clientError', (error, socket) => this.#refuse(error, socket))
    return server
  }

  /** Accepts, then closes, what one address has too many of. Loopback is exempt: proxies and SDKs stand there. */
  #count(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    if (isLoopback(address)) return
    const open = (this.#perAddress.get(address) ?? 0) + 1
    this.#perAddress.set(address, open)
    socket.once('close', () => {
      const left = (this.#perAddress.get(address) ?? 1) - 1
      if (left <= 0) this.#perAddress.delete(address)
      else this.#perAddress.set(address, left)
    })
    if (open <= CONNECTIONS_PER_ADDRESS_MAX) return
    this.#options.log.warn(
      { address, connectionsMax: CONNECTIONS_PER_ADDRESS_MAX },
      'A connection was closed: too many',
    )
    socket.destroy()
  }

  #refuse(error: Error, socket: Duplex): void {
    if (codeOf(error) === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const refusal = renderError(new HttpError(...describe(error)), surfaceOfPath(pathIn(error)))
    refuseSocket(socket, { ...refusal, headers: { ...refusal.headers, 'x-inngest-server-kind': this.#options.kind } })
  }
}

function describe(error: Error): [HttpErrorCode, string] {
  switch (codeOf(error)) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 'The request was not sent in time']
    case 'HPE_HEADER_OVERFLOW':
      return isLineTooLong(error)
        ? ['uri_too_long', `The request line is over ${REQUEST_LINE_BYTES_MAX} bytes`]
        : ['headers_too_large', `The headers are over ${HEADER_BYTES_MAX} bytes`]
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return ['body_too_large', 'The chunk extensions are too large']
    default:
      return ['invalid_request', 'The request is not valid HTTP']
  }
}

function isLineTooLong(error: Error): boolean {
  const lineEnd = packetOf(error)?.indexOf(0x0a) ?? 0
  return lineEnd === -1 || lineEnd > REQUEST_LINE_BYTES_MAX
}

/** The path asked for, where the bytes that the parser stopped in begin with a request line; else empty. */
function pathIn(error: Error): string {
  const start = Buffer.from(packetOf(error)?.subarray(0, REQUEST_LINE_BYTES_MAX) ?? []).toString('latin1')
  return /^[A-Z]+ ([^\s?]*)/.exec(start)?.[1] ?? ''
}

function packetOf(error: Error): Uint8Array | undefined {
  return 'rawPacket' in error && error.rawPacket instanceof Uint8Array ? error.rawPacket : undefined
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const pause = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), POLL_MS)
  })
  const first = await Promise.race([promise.then(() => true), pause])
  clearTimeout(timer)
  return first
}
