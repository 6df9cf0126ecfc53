// URLs of apps: one form for each, so that an app that is reached under several spellings stays one app.
// Where a dev server looks for apps that nobody told it about stands here too.

const LOCAL_HOSTS = new Set(['127.0.0.1', '0.0.0.0', '[::1]', '[::]', '[::ffff:7f00:1]'])
const SCHEMES = new Set(['http:', 'https:', 'ws:', 'wss:'])
/** Query parameters of single calls; the identity of an app does not depend on them. */
const CALL_PARAMETERS = ['fnId', 'stepId', 'step', 'deployId', 'probe']
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a request line.
const UNSAFE = /[\u0000\r\n]/

/** Ports on which a dev server looks for apps. */
export const DISCOVERY_PORTS: readonly number[] = [
  80, 443, 3000, 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008, 3009, 3010, 4321, 5000, 5173, 8000, 8080, 8081, 8787,
  8888, 8910, 8911, 8912, 8913, 8914, 8915,
]

/** Paths at which SDKs serve. */
export const DISCOVERY_PATHS: readonly string[] = [
  '/api/inngest',
  '/x/inngest',
  '/.netlify/functions/inngest',
  '/.redwood/functions/inngest',
]

/**
 * Brings a URL into its one form: loopback addresses are `localhost`, default ports, `deployId` and fragments are gone.
 *
 * @returns Null for a text that is no http(s) or ws(s) URL, or holds CR, LF or NUL.
 */
export function normalizeUrl(url: string): string | null {
  return normalize(url, ['deployId'])
}

/** As `normalizeUrl`, without the query parameters of single calls: the identity of a serve URL. */
export function normalizeAppUrl(url: string): string | null {
  return normalize(url, CALL_PARAMETERS)
}

/** True for text that must not be written into a request line, a header or a log line. */
export function isUnsafe(text: string): boolean {
  return UNSAFE.test(text)
}

function normalize(url: string, drop: readonly string[]): string | null {
  if (isUnsafe(url)) return null
  const parsed = URL.parse(url)
  if (parsed === null || !SCHEMES.has(parsed.protocol)) return null
  if (LOCAL_HOSTS.has(parsed.hostname)) parsed.hostname = 'localhost'
  parsed.hash = ''
  for (const name of drop) {
    // Only when it is there: deleting prints the whole query anew, in another spelling.
    if (parsed.searchParams.has(name)) parsed.searchParams.delete(name)
  }
  return parsed.href
}
