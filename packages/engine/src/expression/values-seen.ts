/**
 * What an expression read of an event: each of its paths with the value that stands there. It is what a person needs who
 * asks why a condition did not hold.
 */
import type { Expression } from './compile.ts'
import { ExpressionError } from './error.ts'
import { openEvaluator, type Variables } from './evaluate.ts'
import { STEPS_MAX } from './meter.ts'
import { print } from './print.ts'
import { canonicalText, jsonOf } from './text.ts'
import { childrenOf, type Node, type Path } from './tree.ts'
import type { Json, Value } from './value.ts'

export interface ValuesSeen {
  /** By path, such as `event.data.n`. A long value is the begin of its text. */
  readonly values: { readonly [path: string]: Json }
  /** Paths where nothing stands. */
  readonly missing: readonly string[]
}

/** Longest value that is shown as it is, in UTF-16 units of its text. */
const VALUE_CHARS_MAX = 500

/** Reads the value of every path of the expression, in the order in which they stand in it. Never throws. */
export function valuesSeen(expression: Expression, variables: Variables): ValuesSeen {
  const paths = new Map(pathsIn(expression.tree).map((path) => [print(path), path]))
  const evaluate = openEvaluator(variables, { now: 0 })
  const values: Record<string, Json> = Object.create(null)
  const missing: string[] = []
  for (const [text, path] of paths) {
    const value = evaluate(path)
    if (value === undefined) missing.push(text)
    else values[text] = shown(value)
  }
  return { values, missing }
}

function pathsIn(node: Node): readonly Path[] {
  // A loop's variable has a value for each round, and none here.
  if (node.kind === 'path') return node.local < 0 ? [node] : []
  if (node.kind === 'has' && node.of.kind === 'path' && node.of.local < 0) {
    return [{ ...node.of, steps: [...node.of.steps, node.name] }]
  }
  return childrenOf(node).flatMap(pathsIn)
}

function shown(value: Value): Json {
  try {
    const json = jsonOf(value, { now: 0, steps: STEPS_MAX })
    const text = typeof json === 'string' ? json : canonicalText(json)
    return text.length <= VALUE_CHARS_MAX ? json : `${text.slice(0, VALUE_CHARS_MAX)}…`
  } catch (error) {
    if (error instanceof ExpressionError) return '…'
    throw error
  }
}
