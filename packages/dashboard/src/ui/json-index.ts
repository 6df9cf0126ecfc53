// An index over JSON text: where each value begins and ends, without building the values. Keys keep the order and the
// spelling of the text (objects of the language would move `10` before `2` and treat `__proto__` as something else), a
// text that was cut is indexed as far as it goes, and 5 MB take a tenth of a second. Pure.

/** Kinds of nodes. */
export const OBJECT = 0
export const ARRAY = 1
export const STRING = 2
export const NUMBER = 3
export const LITERAL = 4

/** Nodes in the order of the text; a container is followed by what is in it. All lists have one entry a node. */
export interface JsonIndex {
  readonly text: string
  readonly count: number
  readonly kind: Uint8Array
  readonly depth: Uint16Array
  readonly start: Uint32Array
  /** Just behind the value. */
  readonly end: Uint32Array
  /** Start of the key with its quote; equal to `keyEnd` where there is none. */
  readonly keyStart: Uint32Array
  readonly keyEnd: Uint32Array
  /** Node just behind the last one inside. */
  readonly next: Uint32Array
  /** Values directly inside. */
  readonly size: Uint32Array
  /** Place among its siblings. */
  readonly place: Uint32Array
  /** Node of the container; its own number for the root. */
  readonly parent: Uint32Array
  /** The text ended before the value did. */
  readonly isCut: boolean
}

const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
/** Deeper is shown as text: no view could show it. */
const DEPTH_MAX = 2000

/** Indexes a text; undefined when it is not JSON (nor the beginning of some). */
export function indexJson(text: string): JsonIndex | undefined {
  const nodes = makeNodes(Math.max(16, Math.min(text.length, 1 + Math.ceil(text.length / 6))))
  const open: number[] = []
  let at = skipSpace(text, 0)
  let isKeyDue = false
  let keyStart = 0
  let keyEnd = 0
  let isValueDue = true
  let isDone = false
  let isWordCut = false

  while (at < text.length) {
    if (isDone) return undefined
    const code = text.charCodeAt(at)
    const top = open.at(-1)
    if (isValueDue && isKeyDue && code === QUOTE) {
      keyStart = at
      keyEnd = endOfString(text, at)
      at = skipSpace(text, keyEnd)
      if (at >= text.length) break
      if (text.charCodeAt(at) !== COLON) return undefined
      at = skipSpace(text, at + 1)
      isKeyDue = false
      continue
    }
    if ((code === CLOSE_OBJECT || code === CLOSE_ARRAY) && top !== undefined) {
      const isObject = nodes.kind[top] === OBJECT
      const isEmpty = nodes.size[top] === 0
      if (isObject !== (code === CLOSE_OBJECT) || (isValueDue && !(isEmpty && (isKeyDue || !isObject))))
        return undefined
      open.pop()
      nodes.end[top] = at + 1
      nodes.next[top] = nodes.count
      isValueDue = false
      isDone = open.length === 0
      at = skipSpace(text, at + 1)
      continue
    }
    if (!isValueDue) {
      if (code !== COMMA || top === undefined) return undefined
      isValueDue = true
      isKeyDue = nodes.kind[top] === OBJECT
      at = skipSpace(text, at + 1)
      continue
    }
    if (isKeyDue) return undefined
    const node = addNode(nodes, { at, depth: open.length, parent: top, keyStart, keyEnd })
    keyStart = keyEnd = 0
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (open.length >= DEPTH_MAX) return undefined
      nodes.kind[node] = code === OPEN_OBJECT ? OBJECT : ARRAY
      open.push(node)
      isKeyDue = code === OPEN_OBJECT
      at = skipSpace(text, at + 1)
      continue
    }
    const end = code === QUOTE ? endOfString(text, at) : endOfWord(text, at)
    if (end === at) return undefined
    nodes.kind[node] = code === QUOTE ? STRING : isNumberStart(code) ? NUMBER : LITERAL
    nodes.end[node] = end
    nodes.next[node] = nodes.count
    if (code !== QUOTE && !isWord(text.slice(at, end))) {
      if (end < text.length || !isWordBegun(text.slice(at, end))) return undefined
      isWordCut = true
    }
    isValueDue = false
    isDone = open.length === 0
    at = skipSpace(text, end)
  }
  for (const node of open) {
    nodes.end[node] = text.length
    nodes.next[node] = nodes.count
  }
  if (nodes.count === 0) return undefined
  return {
    ...nodes,
    text,
    isCut: !isDone || isWordCut || (nodes.kind[0] === STRING && !isClosed(text, nodes.start[0] ?? 0)),
  }
}

interface Nodes extends Omit<JsonIndex, 'text' | 'isCut' | 'count'> {
  count: number
  kind: Uint8Array<ArrayBuffer>
  depth: Uint16Array<ArrayBuffer>
  start: Uint32Array<ArrayBuffer>
  end: Uint32Array<ArrayBuffer>
  keyStart: Uint32Array<ArrayBuffer>
  keyEnd: Uint32Array<ArrayBuffer>
  next: Uint32Array<ArrayBuffer>
  size: Uint32Array<ArrayBuffer>
  place: Uint32Array<ArrayBuffer>
  parent: Uint32Array<ArrayBuffer>
}

function makeNodes(capacity: number): Nodes {
  return {
    count: 0,
    kind: new Uint8Array(capacity),
    depth: new Uint16Array(capacity),
    start: new Uint32Array(capacity),
    end: new Uint32Array(capacity),
    keyStart: new Uint32Array(capacity),
    keyEnd: new Uint32Array(capacity),
    next: new Uint32Array(capacity),
    size: new Uint32Array(capacity),
    place: new Uint32Array(capacity),
    parent: new Uint32Array(capacity),
  }
}

function addNode(
  nodes: Nodes,
  of: { at: number; depth: number; parent: number | undefined; keyStart: number; keyEnd: number },
): number {
  if (nodes.count === nodes.kind.length) grow(nodes)
  const node = nodes.count++
  nodes.start[node] = of.at
  nodes.depth[node] = of.depth
  nodes.keyStart[node] = of.keyStart
  nodes.keyEnd[node] = of.keyEnd
  nodes.parent[node] = of.parent ?? node
  if (of.parent !== undefined) {
    nodes.place[node] = nodes.size[of.parent] ?? 0
    nodes.size[of.parent] = (nodes.size[of.parent] ?? 0) + 1
  }
  return node
}

function grow(nodes: Nodes) {
  const wider = makeNodes(nodes.kind.length * 2)
  wider.kind.set(nodes.kind)
  wider.depth.set(nodes.depth)
  for (const name of ['start', 'end', 'keyStart', 'keyEnd', 'next', 'size', 'place', 'parent'] as const) {
    wider[name].set(nodes[name])
  }
  Object.assign(nodes, { ...wider, count: nodes.count })
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
    at++
  }
}

/** Just behind the closing quote, or the end of the text. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return text.length
    let slashes = 0
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote + 1
    at = quote + 1
  }
}

function isClosed(text: string, start: number): boolean {
  return text.length > start + 1 && text.endsWith('"') && endOfString(text, start) === text.length
}

function endOfWord(text: string, from: number): number {
  let at = from
  while (at < text.length && /[-+.\w]/.test(text.charAt(at))) at++
  return at
}

function isNumberStart(code: number): boolean {
  return code === 45 || (code >= 48 && code <= 57)
}

function isWord(word: string): boolean {
  return word === 'true' || word === 'false' || word === 'null' || /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(word)
}

function isWordBegun(word: string): boolean {
  return ['true', 'false', 'null'].some((each) => each.startsWith(word)) || /^-?\d*(\.\d*)?([eE][-+]?\d*)?$/.test(word)
}

/** Nodes to draw, in order: those not inside a folded container. A negative entry closes container `-entry - 1`. */
export function visibleRows(index: JsonIndex, isOpen: (node: number) => boolean): Int32Array {
  const rows = new Int32Array(index.count * 2)
  let length = 0
  const closing: number[] = []
  for (let node = 0; node < index.count; ) {
    while (closing.length > 0 && node >= (index.next[closing.at(-1) as number] ?? 0))
      rows[length++] = -(closing.pop() as number) - 1
    rows[length++] = node
    const isContainer = (index.kind[node] ?? 0) <= ARRAY && (index.size[node] ?? 0) > 0
    if (isContainer && isOpen(node)) {
      closing.push(node)
      node++
    } else node = index.next[node] ?? index.count
  }
  while (closing.length > 0) rows[length++] = -(closing.pop() as number) - 1
  return rows.subarray(0, length)
}

/** The key of a node as it was written by its author; undefined in arrays and for the root. */
export function keyOf(index: JsonIndex, node: number): string | undefined {
  const from = index.keyStart[node] ?? 0
  const until = index.keyEnd[node] ?? 0
  return until > from ? decodeString(index.text.slice(from, until)) : undefined
}

/** A string of the text without quotes and escapes; a cut one as far as it goes. */
export function decodeString(quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted.slice(1)
  }
}

/** Path of a node from the root, such as `event.data.items[3]["a b"]`. */
export function pathOf(index: JsonIndex, node: number, root: string): string {
  const parts: string[] = []
  for (let at = node; at !== 0; at = index.parent[at] ?? 0) {
    const key = keyOf(index, at)
    if (key === undefined) parts.push(`[${index.place[at]}]`)
    else parts.push(/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)
  }
  const path = root + parts.reverse().join('')
  return path.startsWith('.') ? path.slice(1) : path
}

/** Nodes whose key or own value has the text, in order; the case of letters does not matter. At most `max`. */
export function searchJson(index: JsonIndex, words: string, max = 1000): readonly number[] {
  if (words === '') return []
  const pattern = new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
  const found: number[] = []
  for (const match of index.text.matchAll(pattern)) {
    const node = nodeAt(index, match.index)
    if (node !== undefined && node !== found.at(-1)) found.push(node)
    if (found.length >= max) break
  }
  return found
}

/** The node whose key or own value covers a place in the text. */
function nodeAt(index: JsonIndex, offset: number): number | undefined {
  const begin = (node: number) => {
    const key = index.keyEnd[node] === 0 ? 0 : (index.keyStart[node] ?? 0)
    return index.keyEnd[node] === 0 ? (index.start[node] ?? 0) : key
  }
  let low = 0
  let high = index.count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (begin(middle) <= offset) low = middle
    else high = middle - 1
  }
  const isInKey = offset < (index.keyEnd[low] ?? 0)
  const isInValue = (index.kind[low] ?? 0) > ARRAY && offset < (index.end[low] ?? 0)
  return isInKey || isInValue ? low : undefined
}
