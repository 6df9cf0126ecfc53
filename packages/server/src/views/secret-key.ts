// Which keys of an object hold secrets, judged by their name alone. Case and separators do not count: `apiKey`, `API_KEY`
// and `api-key` are one. Counts of model tokens are no secrets, and AI functions are full of them.

/**
 * What is hidden under a key.
 * - `all`: texts and numbers.
 * - `texts`: texts only; the key may as well count something (`totalTokens`).
 */
export type Secrecy = 'all' | 'texts'

const SECRET =
  /token|secret|passw(?:or)?d|passphrase|apikey|authorization|internalkey|cookie|privatekey|accesskey|signingkey|eventkey|credential|sessionkey|servicekey|encryptionkey/

/** What follows the word makes it a count: `tokens`, `tokenCount`, `maxTokens`, `tokensUsed`. */
const COUNT = /tokens|token(?:count|limit|budget|usage|total|s?used)/

const REMEMBERED_MAX = 1_000
/** Longer names are judged, but not remembered. */
const REMEMBERED_CHARACTERS_MAX = 64
const seen = new Map<string, Secrecy | null>()

/** What is to be hidden under a key of this name; null for nothing. */
export function secrecyOf(name: string): Secrecy | null {
  const known = seen.get(name)
  if (known !== undefined) return known
  const verdict = judge(name)
  if (name.length > REMEMBERED_CHARACTERS_MAX) return verdict
  if (seen.size >= REMEMBERED_MAX) seen.clear()
  seen.set(name, verdict)
  return verdict
}

function judge(name: string): Secrecy | null {
  const bare = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (!SECRET.test(bare)) return null
  return COUNT.test(bare) && !SECRET.test(bare.replaceAll('token', '')) ? 'texts' : 'all'
}
