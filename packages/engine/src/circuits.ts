// One circuit for each app: after ten transport failures in a row the app counts as unreachable. Its items then wait
// without spending attempts, and one of them at a time goes out as a probe; the first answer closes the circuit.
// Kept in memory: after a restart it is found out again within ten calls.
import type { Key } from '@pawl/storage'

interface Circuit {
  failures: number
  since: number | null
  lastMessage: string
  probeAt: number
  probeDelayMs: number
  /** A probe is out. */
  isProbing: boolean
}

export interface CircuitLimits {
  readonly circuitFailures: number
  readonly circuitProbeMs: number
  readonly circuitProbeMsMax: number
}

export class Circuits {
  readonly #limits: CircuitLimits
  readonly #circuits = new Map<Key, Circuit>()

  constructor(limits: CircuitLimits) {
    this.#limits = limits
  }

  /** An answer came, whatever it said. @returns true when the app was unreachable before. */
  answered(app: Key): boolean {
    const circuit = this.#circuits.get(app)
    if (circuit === undefined) return false
    this.#circuits.delete(app)
    return circuit.since !== null
  }

  /** No answer came. @returns true when this failure opened the circuit. */
  failed(app: Key, now: number, message: string): boolean {
    const circuit = this.#circuits.get(app) ?? {
      failures: 0,
      since: null,
      lastMessage: '',
      probeAt: 0,
      probeDelayMs: this.#limits.circuitProbeMs,
      isProbing: false,
    }
    this.#circuits.set(app, circuit)
    circuit.failures += 1
    circuit.lastMessage = message
    if (circuit.failures < this.#limits.circuitFailures) return false
    const opened = circuit.since === null
    // Calls that were under way when the circuit opened fail one after the other: only a probe says that it is still so.
    if (!opened && !circuit.isProbing) return false
    if (opened) circuit.since = now
    else circuit.probeDelayMs = Math.min(circuit.probeDelayMs * 2, this.#limits.circuitProbeMsMax)
    circuit.isProbing = false
    circuit.probeAt = now + circuit.probeDelayMs
    return opened
  }

  /** Since when the app cannot be reached and why, or null. */
  unreachable(app: Key): { readonly since: number; readonly message: string } | null {
    const circuit = this.#circuits.get(app)
    if (circuit === undefined || circuit.since === null) return null
    return { since: circuit.since, message: circuit.lastMessage }
  }

  isOpen(app: Key): boolean {
    return this.unreachable(app) !== null
  }

  /** Whether a probe is due. */
  mayProbe(app: Key, now: number): boolean {
    const circuit = this.#circuits.get(app)
    return circuit !== undefined && circuit.since !== null && circuit.probeAt <= now
  }

  /** Takes the probe that is due, so that only one goes out. */
  takeProbe(app: Key, now: number): boolean {
    const circuit = this.#circuits.get(app)
    if (circuit === undefined || circuit.since === null || circuit.probeAt > now) return false
    circuit.probeAt = now + circuit.probeDelayMs
    circuit.isProbing = true
    return true
  }

  /** Apps whose circuit is open, with the instant of their next probe. */
  open(): readonly { readonly app: Key; readonly probeAt: number }[] {
    return [...this.#circuits].flatMap(([app, circuit]) =>
      circuit.since === null ? [] : [{ app, probeAt: circuit.probeAt }],
    )
  }
}
