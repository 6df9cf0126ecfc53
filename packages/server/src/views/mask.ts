// Hides secrets in JSON text before it is shown: every text and number under a key that is named like a secret becomes
// "•••", whatever stands around it. The shape stays: the same keys, the same lengths of arrays. Works on the text, from
// string to string, so that what holds no secret is neither parsed nor printed again.
import { type Secrecy, secrecyOf } from './secret-key.ts'

export { type Secrecy, secrecyOf } from './secret-key.ts'

const MASK = '"•••"'

export interface Masked {
  readonly text: string
  /** Something was hidden; otherwise `text` is the very text that was given. */
  readonly isMasked: boolean
}

/** How a key is judged; the log knows a few names more. */
export type SecrecyOf = (key: string) => Secrecy | null

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const MINUS = 0x2d

/** Hides what is secret in a JSON text. The text must be JSON; it may be compact or not. */
export function maskJson(text: string, secrecy: SecrecyOf = secrecyOf): Masked {
  return new Masking(text, secrecy).run()
}

class Masking {
  readonly #text: string
  readonly #secrecy: SecrecyOf
  readonly #parts: string[] = []
  /** Up to here the text stands in `parts`. */
  #copied = 0
  /** What is hidden inside of each open container, outermost first. */
  readonly #open: (Secrecy | null)[] = []
  #inside: Secrecy | null = null
  /** What is hidden of the value that comes next. */
  #next: Secrecy | null = null

  constructor(text: string, secrecy: SecrecyOf) {
    this.#text = text
    this.#secrecy = secrecy
  }

  run(): Masked {
    const text = this.#text
    let at = 0
    while (at < text.length) at = this.#step(at, text.charCodeAt(at))
    if (this.#parts.length === 0) return { text, isMasked: false }
    this.#parts.push(text.slice(this.#copied))
    return { text: this.#parts.join(''), isMasked: true }
  }

  /** Takes what begins at `at`. @returns Where the next thing begins. */
  #step(at: number, code: number): number {
    if (code === QUOTE) return this.#string(at)
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      this.#open.push(this.#inside)
      this.#inside = this.#next
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      this.#inside = this.#open.pop() ?? null
      this.#next = this.#inside
    } else if (code === MINUS || isDigit(code)) {
      const end = numberEnd(this.#text, at)
      if (this.#next === 'all') this.#hide(at, end)
      this.#next = this.#inside
      return end
    } else if (code === COMMA) this.#next = this.#inside
    return at + 1
  }

  #string(at: number): number {
    const end = stringEnd(this.#text, at)
    const after = skipSpace(this.#text, end)
    if (this.#text.charCodeAt(after) === COLON) {
      this.#next = stricter(this.#inside, this.#inside === 'all' ? null : this.#secrecy(this.#keyAt(at, end)))
      return after + 1
    }
    if (this.#next !== null) this.#hide(at, end)
    this.#next = this.#inside
    return end
  }

  #keyAt(at: number, end: number): string {
    const raw = this.#text.slice(at + 1, end - 1)
    return raw.includes('\\') ? unescaped(raw) : raw
  }

  #hide(at: number, end: number): void {
    this.#parts.push(this.#text.slice(this.#copied, at), MASK)
    this.#copied = end
  }
}

const COMMA = 0x2c

function stricter(a: Secrecy | null, b: Secrecy | null): Secrecy | null {
  return a === 'all' || b === 'all' ? 'all' : (a ?? b)
}

/** Behind the closing quote. */
function stringEnd(text: string, at: number): number {
  let end = at
  do end = text.indexOf('"', end + 1)
  while (end !== -1 && isEscaped(text, end))
  return end === -1 ? text.length : end + 1
}

/** Whether an odd number of backslashes stands before the place. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === BACKSLASH) first--
  return (at - first) % 2 === 1
}

function numberEnd(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && isOfNumber(text.charCodeAt(end))) end++
  return end
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Digits, `+`, `-`, `.`, `e`, `E`. */
function isOfNumber(code: number): boolean {
  return isDigit(code) || code === 0x2b || code === MINUS || code === 0x2e || code === 0x65 || code === 0x45
}

function skipSpace(text: string, at: number): number {
  let next = at
  while (text.charCodeAt(next) <= 0x20) next++
  return next
}

function unescaped(raw: string): string {
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch {
    return raw
  }
}
