// Which headers a job may set, and which of them hold secrets as long as nobody says otherwise.

/** What belongs to one hop, or says how the body is framed; and what tells the receiver which call this is. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
])
const FORBIDDEN_PREFIXES = ['proxy-', 'x-job-'] as const

const SECRET: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key'])

/** A name of a header (RFC 9110, token). */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/

/** A value that can be sent: no control characters, so that no header can hide in another one. */
export function isHeaderValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value)
}

export function isForbiddenHeader(name: string): boolean {
  const lower = name.toLowerCase()
  return FORBIDDEN.has(lower) || FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix))
}

/** Whether a header's value is kept as a secret where nothing is said about it. */
export function isSecretHeader(name: string): boolean {
  return SECRET.has(name.toLowerCase())
}
