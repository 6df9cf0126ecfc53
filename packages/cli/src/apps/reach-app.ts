// The way to an app, one phase after the other: its name, the connection, TLS. Each is timed, and the first that fails
// says in plain words why and what to do. The connections are closed again; what the app answers is asked elsewhere.
import { lookup } from 'node:dns'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { BlockedAddressError, guardedLookup, type OutboundPolicy, refusedUrl } from '@pawl/engine/drivers'
import type { AppProbe } from '@pawl/server'

export type Phase = AppProbe['phases'][number]
export type Cause = NonNullable<AppProbe['cause']>

/** How a name becomes its addresses. */
export type Resolve = NonNullable<Parameters<typeof guardedLookup>[1]>

/** How far the way leads. */
export interface Way {
  readonly phases: readonly Phase[]
  readonly cause: Cause | null
}

export interface WayOptions {
  readonly timeoutMs: number
  /** The server runs in a container: `localhost` is the container itself. */
  readonly inContainer: boolean
  readonly resolve?: Resolve
}

/** As for syncs: apps stand on this machine or beside it. */
const POLICY: OutboundPolicy = { allowPrivate: true }

/** A person waits: so many addresses of a name are tried. */
const ADDRESSES_MAX = 4

/** Follows the way to a URL. Never rejects for a reason that lies there. */
export async function reachApp(url: URL, options: WayOptions): Promise<Way> {
  const refused = refusedUrl(url, POLICY)
  if (refused !== null) {
    const cause = { code: 'address_refused', message: `The URL is not called: ${refused}.` }
    return { phases: [{ name: 'resolve', ok: false, ms: 0, detail: refused }], cause }
  }
  const walk = new Walk(url, options)
  try {
    await walk.all()
    return { phases: walk.phases, cause: null }
  } catch (error) {
    if (!(error instanceof WayError)) throw error
    return { phases: walk.phases, cause: error.reason }
  } finally {
    walk.end()
  }
}

class WayError extends Error {
  readonly reason: Cause

  constructor(reason: Cause, cause: unknown) {
    super(reason.message, { cause })
    this.reason = reason
  }
}

class Walk {
  readonly phases: Phase[] = []
  readonly #url: URL
  readonly #options: WayOptions
  #socket: Socket | undefined
  #secure: TLSSocket | undefined

  constructor(url: URL, options: WayOptions) {
    this.#url = url
    this.#options = options
  }

  async all(): Promise<void> {
    const { hostname, protocol } = this.#url
    const host = hostname.replace(/^\[|\]$/g, '')
    const place: Place = { host, port: portOf(this.#url), inContainer: this.#options.inContainer }
    const addresses = await this.#phase('resolve', () => this.#addresses(host), {
      detail: (found) => found.join(', '),
      cause: (error) => resolveCause(error, place),
    })
    await this.#phase('connect', () => this.#connect(addresses, place.port), {
      detail: (address) => `${address} port ${place.port}`,
      cause: (error) => connectCause(error, place),
    })
    if (protocol !== 'https:') return
    await this.#phase('tls', () => this.#encrypt(host), {
      detail: (version) => version,
      cause: (error) => tlsCause(error, place),
    })
  }

  end(): void {
    this.#secure?.destroy()
    this.#socket?.destroy()
  }

  async #phase<T>(
    name: Phase['name'],
    work: () => Promise<T>,
    say: { readonly detail: (value: T) => string; readonly cause: (error: unknown) => Cause },
  ): Promise<T> {
    const began = performance.now()
    const ms = (): number => Math.round((performance.now() - began) * 10) / 10
    try {
      const value = await work()
      this.phases.push({ name, ok: true, ms: ms(), detail: say.detail(value) })
      return value
    } catch (error) {
      this.phases.push({ name, ok: false, ms: ms(), detail: wordsOf(error) })
      throw new WayError(say.cause(error), error)
    }
  }

  #addresses(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return Promise.resolve([host])
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
    const find = guardedLookup(POLICY, this.#options.resolve ?? lookup)
    find(host, { all: true }, (error, found) => {
      if (error !== null) reject(error)
      else resolve(typeof found === 'string' ? [found] : found.map(({ address }) => address))
    })
    return timed(promise, this.#options.timeoutMs)
  }

  /** Names often have an address of each family, and programs listen on one: the first that answers will do. */
  async #connect(addresses: readonly string[], port: number): Promise<string> {
    let failure: unknown = new Error('the name has no address')
    for (const address of addresses.slice(0, ADDRESSES_MAX)) {
      try {
        this.#socket = await this.#open(address, port)
        return address
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  async #open(host: string, port: number): Promise<Socket> {
    const socket = connectTcp({ host, port })
    try {
      await timed(happened(socket, 'connect'), this.#options.timeoutMs)
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  async #encrypt(host: string): Promise<string> {
    if (this.#socket === undefined) throw new Error('TLS needs a connection')
    const name = isIP(host) === 0 ? { servername: host } : {}
    const secure = connectTls({ socket: this.#socket, host, ...name })
    this.#secure = secure
    await timed(happened(secure, 'secureConnect'), this.#options.timeoutMs)
    return secure.getProtocol() ?? ''
  }
}

function happened(socket: Socket, event: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once(event, () => resolve()).on('error', reject)
  return promise
}

async function timed<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TimeoutError(timeoutMs)), timeoutMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1_000} s`)
  }
}

interface Place {
  readonly host: string
  readonly port: number
  readonly inContainer: boolean
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host.startsWith('127.')
}

function resolveCause(error: unknown, { host }: Place): Cause {
  if (error instanceof BlockedAddressError) return { code: 'address_refused', message: `${error.message}.` }
  return {
    code: 'name_unknown',
    message: `The name ${host} is not known on this server's machine.`,
    hint: 'Check the spelling. A name that is known elsewhere, such as a service of another network, needs an entry here.',
  }
}

function connectCause(error: unknown, { host, port, inContainer }: Place): Cause {
  const code = codeOf(error)
  if (isLoopback(host) && inContainer) {
    return {
      code: 'container_localhost',
      message: `Nothing listens on ${host}:${port}: the address ${host} means the server's own container here.`,
      hint: `Use the name of the app's service, or host.docker.internal:${port} for an app on the host.`,
    }
  }
  if (code === 'ECONNREFUSED') {
    return {
      code: 'connection_refused',
      message: `${host} is there, but nothing listens on port ${port}.`,
      hint: `Start the app, or correct the port. An app in a container has to publish it, and listen on 0.0.0.0.`,
    }
  }
  if (code === 'ETIMEDOUT') {
    return {
      code: 'connection_timeout',
      message: `${host} does not answer on port ${port}.`,
      hint: 'A firewall or security group may drop the packets: let this server through.',
    }
  }
  return {
    code: 'network_unreachable',
    message: `There is no way to ${host} from here (${code || wordsOf(error)}).`,
    hint: 'Check that this server and the app share a network.',
  }
}

const TLS_CAUSES: readonly (readonly [RegExp, string, string, string])[] = [
  [/CERT_HAS_EXPIRED/, 'certificate_expired', 'Its certificate has expired.', 'Renew the certificate.'],
  [
    /CERT_NOT_YET_VALID/,
    'certificate_not_yet_valid',
    'Its certificate is not valid yet.',
    'Check the clock of both machines.',
  ],
  [
    /ALTNAME_INVALID/,
    'certificate_name',
    'Its certificate is for another name.',
    'Use the name that the certificate has, or give the app a certificate for this one.',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|DEPTH_ZERO/,
    'certificate_untrusted',
    'Its certificate is not signed by an authority that this server trusts.',
    'Start the server with NODE_EXTRA_CA_CERTS and the file of that authority.',
  ],
  [
    /WRONG_VERSION_NUMBER|EPROTO|UNSUPPORTED_PROTOCOL|packet length|HTTP_REQUEST/i,
    'no_tls',
    'The port does not speak TLS.',
    'Use http:// in the URL, or the port that speaks TLS.',
  ],
]

function tlsCause(error: unknown, { host, port }: Place): Cause {
  const says = `${codeOf(error)} ${wordsOf(error)}`
  const known = TLS_CAUSES.find(([pattern]) => pattern.test(says))
  if (known !== undefined) {
    const [, code, message, hint] = known
    return { code, message: `${host}:${port} cannot be spoken to over TLS. ${message}`, hint }
  }
  return { code: 'tls_failed', message: `${host}:${port} cannot be spoken to over TLS: ${wordsOf(error)}.` }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : String(error)
}
