/**
 * The one error of the expression room. Its code is its identity: a text that cannot be compiled, or a compiled
 * expression that has no result for the values it was given.
 */
export type ExpressionErrorCode = 'invalid_expression' | 'evaluation_failed'

/** What the rooms around this one catch; nothing else is ever thrown by it. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly code: ExpressionErrorCode
  /** Place in the text, in UTF-16 units from 0; only for `invalid_expression`, and only where one place is to blame. */
  readonly column?: number
  /** A limit was met. `&&` and `||` swallow the errors of one side, but never this one. */
  readonly limit: boolean

  constructor(code: ExpressionErrorCode, message: string, options: { column?: number; limit?: boolean } = {}) {
    super(message)
    this.code = code
    this.limit = options.limit ?? false
    if (options.column !== undefined) this.column = options.column
  }
}

/** An evaluation without result: a missing overload, a bad date, a number out of range. */
export function evaluationError(message: string): ExpressionError {
  return new ExpressionError('evaluation_failed', message)
}

/** An evaluation that was stopped because it costs too much. */
export function limitError(message: string): ExpressionError {
  return new ExpressionError('evaluation_failed', message, { limit: true })
}

/** A text that is not an expression of this dialect. */
export function invalidExpression(message: string, column?: number): ExpressionError {
  return new ExpressionError('invalid_expression', message, column === undefined ? {} : { column })
}
