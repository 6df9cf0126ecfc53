// `{{secrets.NAME}}` in a job's URL, headers and body: found when it is saved, replaced when it is called. Pure.

/** A secret's name. */
export const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

const PLACE = /\{\{\s*secrets\.([^{}\s]{1,200})\s*\}\}/g

/** Names of the secrets in these texts, each once, those that cannot be names too. */
export function secretNamesIn(texts: Iterable<string>): readonly string[] {
  const names = new Set<string>()
  for (const text of texts) for (const [, name = ''] of text.matchAll(PLACE)) names.add(name)
  return [...names]
}

/** How a value stands in its text. */
export type Spelling = (value: string) => string

/** Puts values in the places of names. @throws SecretMissing */
export function filled(text: string, values: ReadonlyMap<string, string>, spell: Spelling = asIs): string {
  return text.replaceAll(PLACE, (_place, name: string) => {
    const value = values.get(name)
    if (value === undefined) throw new SecretMissing(name)
    return spell(value)
  })
}

/** A URL: before its query a value stands as it is (it may be a path of several parts), in the query as one parameter. */
export function filledUrl(url: string, values: ReadonlyMap<string, string>): string {
  const query = url.indexOf('?')
  if (query === -1) return filled(url, values)
  return filled(url.slice(0, query), values) + filled(url.slice(query), values, encodeURIComponent)
}

/** Within a string of a JSON text. */
export const inJson: Spelling = (value) => JSON.stringify(value).slice(1, -1)

/** The same text with a harmless word in each place. */
export function withoutPlaces(text: string): string {
  return text.replaceAll(PLACE, 'secret')
}

const asIs: Spelling = (value) => value

/** A job names a secret that is not there. */
export class SecretMissing extends Error {
  constructor(name: string) {
    super(`the secret ${name} is not set`)
  }
}
