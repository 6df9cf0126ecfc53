// How often one address may fail before it has to wait: guesses at a signing key come to an end. Bounded in memory; what
// is forgotten first is the oldest.
import { isIP } from 'node:net'

const FAILURES_MAX = 10
const WINDOW_MS = 5 * 60_000
const ADDRESSES_MAX = 10_000

export class FailureLimit {
  readonly #failures = new Map<string, { count: number; readonly until: number }>()
  readonly #now: () => number

  /** @param now  Milliseconds that never go back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Milliseconds that an address has to wait; 0 when it may try. */
  waitMs(address: string): number {
    const known = this.#current(networkOf(address))
    return known === undefined || known.count < FAILURES_MAX ? 0 : known.until - this.#now()
  }

  /** Notes that a try of an address has failed. */
  note(address: string): void {
    const network = networkOf(address)
    const known = this.#current(network)
    if (known !== undefined) {
      known.count++
      return
    }
    if (this.#failures.size >= ADDRESSES_MAX) {
      const [oldest] = this.#failures.keys()
      if (oldest !== undefined) this.#failures.delete(oldest)
    }
    this.#failures.set(network, { count: 1, until: this.#now() + WINDOW_MS })
  }

  #current(network: string): { count: number; readonly until: number } | undefined {
    const known = this.#failures.get(network)
    if (known === undefined || known.until > this.#now()) return known
    this.#failures.delete(network)
    return undefined
  }
}

/** One household or host has a whole /64 of IPv6 addresses to itself. */
function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.toLowerCase().split('::', 2)
  const first = head === '' ? [] : head.split(':')
  const last = tail === '' ? [] : tail.split(':')
  const zeros = address.includes('::')
    ? Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0')
    : []
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`
}
