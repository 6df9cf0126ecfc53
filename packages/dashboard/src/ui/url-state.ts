// How filters, tabs and selections stand in the address: plain `name=value` pairs, a name repeated for a list, so that an
// address can be read and written by hand and has the API's own names. Pure; the router calls it on every navigation.
// What does not parse is dropped, never an error: an old link must still open.

/** What a reader makes of the texts under one name; undefined: absent. */
export interface Param<T> {
  readonly read: (texts: readonly string[]) => T | undefined
}

export type Raw = Readonly<Record<string, unknown>>
export type SearchOf<S extends Readonly<Record<string, Param<unknown>>>> = {
  readonly [Name in keyof S]?: S[Name] extends Param<infer T> ? T : never
}

/** Makes a validator for a route out of its parameters: `searchParams({ status: oneOfMany(…), tab: oneText() })`. */
export function searchParams<S extends Readonly<Record<string, Param<unknown>>>>(params: S): (raw: Raw) => SearchOf<S> {
  return (raw) => {
    const read: Record<string, unknown> = {}
    for (const [name, param] of Object.entries(params)) {
      const value = param.read(textsOf(raw[name]))
      if (value !== undefined) read[name] = value
    }
    return read as SearchOf<S>
  }
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map(String)
}

/** Any text that is not empty. */
export function oneText(): Param<string> {
  return { read: (texts) => (texts[0] === undefined || texts[0] === '' ? undefined : texts[0]) }
}

/** One of the given words. */
export function oneWord<const T extends string>(...words: readonly T[]): Param<T> {
  return { read: (texts) => words.find((word) => word === texts[0]) }
}

/** Several of the given words, in the order given in the address, each once. */
export function manyWords<const T extends string>(...words: readonly T[]): Param<readonly T[]> {
  return {
    read: (texts) => {
      const known = [...new Set(texts)].flatMap((text) => words.filter((word) => word === text))
      return known.length === 0 ? undefined : known
    },
  }
}

/** Several texts, each once. */
export function manyTexts(): Param<readonly string[]> {
  return {
    read: (texts) => {
      const known = [...new Set(texts.filter((text) => text !== ''))]
      return known.length === 0 ? undefined : known
    },
  }
}

/** A number of at least `min`. */
export function oneNumber(min = Number.NEGATIVE_INFINITY): Param<number> {
  return {
    read: (texts) => {
      const value = texts[0] === undefined || texts[0] === '' ? Number.NaN : Number(texts[0])
      return Number.isFinite(value) && value >= min ? value : undefined
    },
  }
}

/** `true` or `false`. */
export function yesOrNo(): Param<boolean> {
  return { read: (texts) => (texts[0] === 'true' ? true : texts[0] === 'false' ? false : undefined) }
}

/** The query string of an address as the router wants it: a text, or a list where a name is repeated. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const known = search[name]
    search[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value]
  }
  return search
}

/** The query string for a search object; absent and empty values are left out. Starts with `?` unless it is empty. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    for (const text of textsOf(value)) {
      if (text !== '') params.append(name, text)
    }
  }
  // Commas, slashes and colons are allowed in a query; escaped they make an address unreadable.
  const text = params.toString().replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}
