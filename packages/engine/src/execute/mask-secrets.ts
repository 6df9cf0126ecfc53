// What a provider answers is kept with a failed step and shown to people; some providers repeat the request in it. The
// secrets of the request are taken out before anything of such an answer is kept. A good answer is the step's own result
// and is left as it came.
import type { GatewayDetail } from '../history/step-detail.ts'

/** Headers whose values are secrets. */
const SECRET_HEADER = /auth|cookie|key|secret|token|password|signature/i

/** Query parameters whose values are secrets. */
const SECRET_PARAMETER = /key|secret|token|password|signature/i

/** Anything shorter is no key, and would blank out words. */
const SECRET_CHARS_MIN = 8

export const MASK = '[masked]'

/** A function that takes the secrets of this request out of a text. */
export function secretMask(request: Pick<GatewayDetail, 'url' | 'headers'>): (text: string) => string {
  const secrets = [...headerSecrets(request.headers), ...querySecrets(request.url)]
    .filter((secret) => secret.length >= SECRET_CHARS_MIN)
    // The longest first, so that none is left over around a shorter one inside it.
    .sort((a, b) => b.length - a.length)
  return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text)
}

function headerSecrets(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => SECRET_HEADER.test(name))
    .flatMap(([, value]) => [value, value.replace(/^\w+\s+/, '')])
}

function querySecrets(url: string): string[] {
  if (!URL.canParse(url)) return []
  const parsed = new URL(url)
  const values = [...parsed.searchParams].filter(([name]) => SECRET_PARAMETER.test(name)).map(([, value]) => value)
  return [...values, ...values.map(encodeURIComponent), parsed.password]
}
