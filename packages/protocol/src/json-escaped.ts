// Parses JSON texts that have an escaped key, which the parser of Node 24 may read as another key: when an object seen earlier has a key
// that equals the beginning of the escaped text (`{"\\":0}`, then `{"\"":0}`), it takes that one. Strings and numbers alone are safe.
// For valid texts only; such keys are rare, so this is short rather than fast.

import type { Json } from './json-value.ts'

interface Cursor {
  readonly text: string
  at: number
}

const SPACE = /[ \t\r\n]*/y
const SCALAR = /[^,\]}\s]+/y

/** Parses a text that was found valid. */
export function parseEscaped(text: string): Json {
  return parseValue({ text, at: 0 })
}

function parseValue(cursor: Cursor): Json {
  skip(cursor, SPACE)
  switch (cursor.text[cursor.at]) {
    case '{':
      return parseObject(cursor)
    case '[':
      return parseArray(cursor)
    case '"':
      return parseString(cursor)
    default:
      return JSON.parse(skip(cursor, SCALAR))
  }
}

function parseObject(cursor: Cursor): Json {
  const members: [string, Json][] = []
  while (enterNext(cursor, '}')) {
    const key = parseString(cursor)
    skip(cursor, SPACE)
    cursor.at++
    members.push([key, parseValue(cursor)])
  }
  // Not by assignment: `__proto__` is a key like any other.
  return Object.fromEntries(members)
}

function parseArray(cursor: Cursor): Json {
  const values: Json[] = []
  while (enterNext(cursor, ']')) values.push(parseValue(cursor))
  return values
}

/** Steps over the opening bracket or a comma, to the next member or over the closing bracket. */
function enterNext(cursor: Cursor, close: string): boolean {
  skip(cursor, SPACE)
  if (cursor.text[cursor.at] !== close) {
    cursor.at++
    skip(cursor, SPACE)
    if (cursor.text[cursor.at] !== close) return true
  }
  cursor.at++
  return false
}

function parseString(cursor: Cursor): string {
  const { text, at } = cursor
  let end = text.indexOf('"', at + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  cursor.at = end + 1
  return JSON.parse(text.slice(at, end + 1))
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text[at - 1 - slashes] === '\\') slashes++
  return slashes % 2 === 1
}

function skip(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at
  const skipped = pattern.exec(cursor.text)?.[0] ?? ''
  cursor.at += skipped.length
  return skipped
}
