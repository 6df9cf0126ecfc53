// Takes the secrets of a call out of everything that is kept of it or shown: the answer, the error, the URL. Pure.
import { inJson } from './templates.ts'

export const MASK = '[masked]'

/** Anything shorter would blank out words and numbers. */
const SECRET_CHARACTERS_MIN = 4

/** A function that takes these values out of a text, as they are and as a URL or a JSON text spells them. */
export function maskOf(secrets: Iterable<string>): (text: string) => string {
  const spellings = new Set<string>()
  for (const secret of secrets) {
    // `Bearer abc`: the receiver may repeat the credentials alone.
    for (const part of [secret, secret.replace(/^\w+\s+/, '')])
      for (const spelled of [part, encodeURIComponentSafe(part), inJson(part)])
        if (spelled.length >= SECRET_CHARACTERS_MIN) spellings.add(spelled)
  }
  // The longest first, so that none is left over around a shorter one inside it.
  const sorted = [...spellings].sort((a, b) => b.length - a.length)
  return (text) => sorted.reduce((masked, secret) => masked.replaceAll(secret, MASK), text)
}

/** A lone surrogate has no spelling in a URL. */
function encodeURIComponentSafe(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : text
}

const SECRET_PARAMETER = /key|secret|token|password|signature/i

/** A URL as records keep it: without user, password and fragment, and without the values of parameters that sound secret. */
export function redactedUrl(url: string): string {
  const [beforeFragment = ''] = url.split('#')
  const query = beforeFragment.indexOf('?')
  if (query === -1) return withoutUser(beforeFragment)
  const parameters = beforeFragment
    .slice(query + 1)
    .split('&')
    .map((parameter) => {
      const [name = ''] = parameter.split('=', 1)
      // A place for a secret shows nothing.
      const isPlace = /^\{\{[^{}]*\}\}$/.test(parameter.slice(name.length + 1))
      return SECRET_PARAMETER.test(name) && !isPlace && parameter.includes('=') ? `${name}=${MASK}` : parameter
    })
  return `${withoutUser(beforeFragment.slice(0, query))}?${parameters.join('&')}`
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1')
}
