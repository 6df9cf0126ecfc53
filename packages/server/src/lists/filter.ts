// The filter of lists: one expression of the engine's language a line, and all must hold. An expression that has no value
// for a row (a type error, say) does not hold for it.
import type { Json } from '@pawl/protocol'
import { compileExpression, type Expression, ExpressionError, testExpression } from '../engine.ts'
import { HttpError } from '../http/http-errors.ts'

export interface FilterVariables {
  readonly event?: Json | undefined
  readonly output?: Json | undefined
  readonly error?: Json | undefined
  readonly run?: Json | undefined
}

export interface Filter {
  /** Which variables the expressions name, so that only those are read. */
  readonly names: ReadonlySet<string>
  /** The expressions as they were written. */
  readonly lines: readonly string[]
  holds(variables: FilterVariables, now: number): boolean
}

const LINES_MAX = 20

/**
 * Compiles a filter; undefined for an empty text.
 *
 * @param roots  Names that the expressions may use.
 * @throws HttpError `invalid_expression`, with the line and the column in it.
 */
export function readFilter(text: string | undefined, roots: readonly (keyof FilterVariables)[]): Filter | undefined {
  const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return undefined
  if (lines.length > LINES_MAX) throw invalid(`a filter has at most ${LINES_MAX} lines`)
  const expressions = lines.map((line, index) => compile(line, { roots, line: index + 1, lines: lines.length }))
  const names = new Set(roots.filter((root) => lines.some((line) => new RegExp(`\\b${root}\\b`).test(line))))
  return {
    names,
    lines,
    holds: (variables, now) => expressions.every((expression) => holds(expression, variables, now)),
  }
}

interface Place {
  readonly roots: readonly string[]
  readonly line: number
  readonly lines: number
}

function compile(text: string, { roots, line, lines }: Place): Expression {
  try {
    return compileExpression(text, { roots })
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const column = error.column === undefined ? undefined : error.column + 1
    throw invalid(lines === 1 ? error.message : `line ${line}: ${error.message}`, column)
  }
}

function holds(expression: Expression, variables: FilterVariables, now: number): boolean {
  try {
    return testExpression(expression, variables, { now })
  } catch (error) {
    if (error instanceof ExpressionError) return false
    throw error
  }
}

function invalid(reason: string, column?: number): HttpError {
  return new HttpError('invalid_expression', `query: ${reason}`, { path: 'query', column })
}
