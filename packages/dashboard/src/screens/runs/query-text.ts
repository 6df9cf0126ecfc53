// What somebody meant who typed into the search field: an id, an expression, or bare words, which become an expression
// over one path. Pure. The server alone judges whether an expression is right.

export type Query =
  | { readonly kind: 'none' }
  | { readonly kind: 'id'; readonly id: string }
  /** `expression` is the text itself, so that the column of an error is that of the field. */
  | { readonly kind: 'expression'; readonly expression: string }
  | { readonly kind: 'words'; readonly expression: string }

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i
const OPERATOR = /==|!=|&&|\|\||<=|>=/

export interface QueryRules {
  /** Names that expressions begin with. */
  readonly roots: readonly string[]
  /** The path that bare words are looked for in. */
  readonly wordsIn: string
}

/** Reads the text of the search field. */
export function readQuery(text: string, { roots, wordsIn }: QueryRules): Query {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'none' }
  if (ULID.test(trimmed)) return { kind: 'id', id: trimmed.toUpperCase() }
  if (isExpression(trimmed, roots)) return { kind: 'expression', expression: text }
  const words = wordsOf(trimmed)
  return { kind: 'words', expression: words.map((word) => wordTest(wordsIn, word)).join(' && ') }
}

function isExpression(text: string, roots: readonly string[]): boolean {
  if (isQuoted(text)) return false
  return OPERATOR.test(text) || new RegExp(`(^|[^\\w.])(${roots.join('|')})\\s*[.[]`).test(text)
}

function isQuoted(text: string): boolean {
  return text.length > 2 && text.startsWith('"') && text.endsWith('"')
}

/** Words apart; in double quotes they are one phrase. */
function wordsOf(text: string): readonly string[] {
  return isQuoted(text) ? [text.slice(1, -1)] : text.split(/\s+/)
}

/** Upper and lower case are one; signs stand for themselves. */
function wordTest(path: string, word: string): string {
  const pattern = `(?i)${word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`
  return `${path}.matches(${JSON.stringify(pattern)})`
}
