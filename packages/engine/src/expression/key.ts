/**
 * Look-up keys of waits: a path below the incoming event, and the scalar that must stand there. A wait and an event
 * that agree on (name, path, value) find each other by index, so both sides must write the value in the same way.
 */
import { hash } from 'node:crypto'
import { compileExpression, type Expression } from './compile.ts'
import { ExpressionError } from './error.ts'
import { printSteps } from './print.ts'
import { canonicalText } from './text.ts'
import { type Node, reads, type Step } from './tree.ts'
import { fieldOf, itemOf, type Json, type Value } from './value.ts'

/** Longest value that is kept as it is, in UTF-16 units; longer ones are kept as their SHA-256. */
const KEY_LENGTH_MAX = 512

/**
 * The key form of a scalar: its canonical JSON text, or `sha256:` and a digest for a long one. `null` for what cannot
 * be a key: null itself, lists, maps.
 */
export function scalarKey(value: Value): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null
  const text = canonicalText(value)
  return text.length <= KEY_LENGTH_MAX ? text : `sha256:${hash('sha256', text, 'hex')}`
}

/** The key form of what stands at a path of an incoming event; `null` when that is absent or no scalar. */
export function valueAt(event: Json, path: string): string | null {
  const steps = stepsOf(path)
  if (!steps) return null
  let value: Value = event
  for (const step of steps) value = typeof step === 'string' ? fieldOf(value, step) : itemOf(value, step)
  return scalarKey(value)
}

/**
 * The paths below the incoming event that waits with this expression may be looked up by. Which one, if any, depends on
 * the run's event: `bindWait` says it for one wait, this says it for all that an expression can make.
 */
export function pathsOf(expression: Expression): readonly string[] {
  return [...new Set(keyPaths(expression.tree))]
}

// Binding leaves one branch of these forms, or one part; an equality below anything else stays where it is.
function keyPaths(node: Node): readonly string[] {
  if (node.kind === 'and' || node.kind === 'or') return node.parts.flatMap(keyPaths)
  if (node.kind === 'choose') return [...keyPaths(node.whenTrue), ...keyPaths(node.whenFalse)]
  if (node.kind !== 'compare' || node.operator !== '==') return []
  return [node.left, node.right].flatMap((side) => keyPath(side) ?? [])
}

/** An equality of a path below `async` with something else, taken apart; `null` when the node is no such thing. */
export function keySide(node: Node): { path: string; other: Node } | null {
  if (node.kind !== 'compare' || node.operator !== '==') return null
  const { left, right } = node
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const path = keyPath(side)
    if (path !== null && !reads(other, 'async')) return { path, other }
  }
  return null
}

function keyPath(node: Node): string | null {
  if (node.kind !== 'path' || node.local >= 0 || node.root !== 'async') return null
  const text = printSteps(node.steps)
  return /^[A-Za-z_]/.test(text) ? text : null
}

const PATHS_MAX = 4_096
const paths = new Map<string, readonly Step[] | null>()

// Paths are read by the parser that wrote them; the few that waits use are kept.
function stepsOf(path: string): readonly Step[] | null {
  const known = paths.get(path)
  if (known !== undefined) return known
  if (paths.size >= PATHS_MAX) paths.clear()
  const steps = readSteps(path)
  paths.set(path, steps)
  return steps
}

function readSteps(path: string): readonly Step[] | null {
  try {
    const { tree } = compileExpression(`async.${path}`)
    return tree.kind === 'path' && tree.root === 'async' ? tree.steps : null
  } catch (error) {
    if (error instanceof ExpressionError) return null
    throw error
  }
}
