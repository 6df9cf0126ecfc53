// Under which names this server answers, and whose pages may change something. A page can rebind its own name to a
// loopback address and then reads everything a browser may: so a name that is not ours is refused, in dev above all.
import { isIP } from 'node:net'

export interface HostRules {
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** Names seen before, with the verdict. A client sends the same one each time. */
const REMEMBERED_MAX = 100

export class HostCheck {
  readonly #allowed: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  readonly #seen = new Map<string, boolean>()

  constructor(rules: HostRules) {
    this.#allowed = new Set(rules.allowedHosts.map((name) => bareName(name)))
    this.#origins = new Set(rules.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')))
  }

  /** Whether a `Host` header names this server: an address, a local name, or one that is listed. */
  isOurs(host: string | undefined): boolean {
    if (host === undefined) return false
    const known = this.#seen.get(host)
    if (known !== undefined) return known
    const verdict = this.#judge(host)
    if (this.#seen.size >= REMEMBERED_MAX) this.#seen.clear()
    this.#seen.set(host, verdict)
    return verdict
  }

  /**
   * Whether a request may change something: it comes from no page, from one of ours, or from one that is listed.
   * Scripts and SDKs send neither `Origin` nor `Sec-Fetch-Site`.
   */
  mayChange(headers: { readonly [name: string]: string | readonly string[] | undefined }): boolean {
    const { origin, host } = headers
    const site = headers['sec-fetch-site']
    if (typeof origin === 'string') {
      return this.#origins.has(origin.toLowerCase()) || (typeof host === 'string' && isSameOrigin(origin, host))
    }
    return site === undefined || site === 'same-origin' || site === 'none'
  }

  #judge(host: string): boolean {
    if (/[^\w.:[\]-]/.test(host)) return false
    const name = bareName(host)
    if (name === '') return false
    return (
      isIP(name) !== 0 ||
      !/[.:]/.test(name) ||
      name.endsWith('.localhost') ||
      name === 'host.docker.internal' ||
      this.#allowed.has(name)
    )
  }
}

/** The name without port, brackets and the root's dot, in lower case. */
function bareName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host)
  if (bracketed?.[1] !== undefined) return bracketed[1].toLowerCase()
  const name = isIP(host) === 6 ? host : host.replace(/:\d*$/, '')
  return name.toLowerCase().replace(/\.$/, '')
}

function isSameOrigin(origin: string, host: string): boolean {
  const match = /^(https?):\/\/([^/]+)$/.exec(origin.toLowerCase())
  if (match === null) return false
  const standard = match[1] === 'https' ? ':443' : ':80'
  return (match[2] ?? '').replace(standard, '') === host.toLowerCase().replace(standard, '')
}
