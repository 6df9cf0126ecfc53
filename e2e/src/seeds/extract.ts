/**
 * Finds the functions in the code blocks of a product document. The documents are plain text made from web pages: code
 * stands between sentences without a mark, and its punctuation has spaces around it. What counts as code is therefore
 * only what stands between the parentheses of a call of `createFunction`, read with JavaScript's own rules for strings.
 */

/** A function as a document shows it. */
export interface FoundFunction {
  /** The document's file and the position of the function in it, from 1. */
  readonly where: string
  /** The whole call, as it stands in the document. */
  readonly source: string
}

const CALL = /\binngest\s*\.\s*createFunction\s*\(/g

/** All functions of one document, in order. A call without arguments is a sentence that speaks of the function. */
export function extractFunctions(file: string, document: string): readonly FoundFunction[] {
  return [...document.matchAll(CALL)]
    .map((match) => document.slice(match.index, closing(document, match.index + match[0].length - 1) + 1))
    .filter((source) => !/\(\s*\)$/.test(source))
    .map((source, n) => ({ where: `${file} #${n + 1}`, source }))
}

/** The names that a function takes out of its event's data, in all its destructurings of `data`. */
export function dataNames(source: string): readonly string[] {
  const names = [...source.matchAll(/const\s*\{([^}]*)\}\s*=\s*event(?:\s*\.\s*data)+/g)]
    .flatMap(([, inside = '']) => inside.split(','))
    .map((name) => name.trim())
  const direct = [...source.matchAll(/\bevent\s*\.\s*data\s*\.\s*(\w+)/g)].map(([, name = '']) => name)
  return [...new Set([...names, ...direct])].filter((name) => name !== '' && name !== 'event' && name !== 'data')
}

/** The names of the environment variables that a function reads. */
export function environmentNames(source: string): readonly string[] {
  return [...new Set([...source.matchAll(/process\s*\.\s*env\s*\.\s*(\w+)/g)].map(([, name = '']) => name))]
}

/** The IDs of the steps in a text, in its order. */
export function stepIds(source: string): readonly string[] {
  return [...source.matchAll(/\bstep\s*\.\s*(?:run|sleep)\s*\(\s*"([^"]+)"/g)].map(([, id = '']) => id)
}

/** A function's text in two parts: its options (with the failure handler) and trigger, and its own body. */
export function parts(source: string): { readonly options: string; readonly body: string } {
  const end = source.lastIndexOf('}')
  const start = bodyStart(source, end)
  return { options: source.slice(0, start), body: source.slice(start, end) }
}

/**
 * Puts a call of `leftOut` at the end of a body that returns nothing: there the document has a comment in place of the
 * work. Nothing of the document's own text is changed.
 */
export function withLeftOut(source: string): string {
  const end = source.lastIndexOf('}')
  const returns = /\breturn\b/.test(withoutNested(parts(source).body))
  return returns ? source : `${source.slice(0, end)}\nreturn await leftOut({ event, step })\n${source.slice(end)}`
}

/** Where the body of the last argument begins: after the `=>` whose braces end at `end`. */
function bodyStart(source: string, end: number): number {
  for (const arrow of [...source.matchAll(/=>\s*\{/g)]) {
    const open = arrow.index + arrow[0].length - 1
    if (closing(source, open) === end) return open + 1
  }
  throw new Error('The function has no body in braces')
}

/** A body without what stands in braces inside it, so that only its own statements are left. */
function withoutNested(body: string): string {
  let depth = 0
  let kept = ''
  for (const [token] of body.matchAll(TOKENS)) {
    if (token === '{') depth++
    else if (token === '}') depth--
    else if (depth === 0) kept += token
  }
  return kept
}

/** Comments, strings, and single characters: what matters for finding the end of a bracket. */
const TOKENS = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\w+|[\s\S]/g

const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** The position of the bracket that closes the one at `open`. */
function closing(text: string, open: number): number {
  const expected: string[] = []
  for (const match of text.slice(open).matchAll(TOKENS)) {
    const [token] = match
    const close = CLOSES[token]
    if (close !== undefined) expected.push(close)
    else if (token === expected.at(-1)) expected.pop()
    if (expected.length === 0) return open + match.index
  }
  throw new Error('A bracket is not closed')
}
