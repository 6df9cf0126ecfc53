/**
 * The expression language of triggers, keys, waits and cancel rules: a dialect of CEL with lenient rules for missing
 * values. This is the room's door; everything behind it is pure, takes `now` as a value, and only ever throws
 * `ExpressionError`.
 */
export { bindWait } from './bind.ts'
export { compileExpression, compileRest, type Expression } from './compile.ts'
export { ExpressionError } from './error.ts'
export { evaluate, keyText, test } from './evaluate.ts'
export { valueAt } from './key.ts'
export { valuesSeen } from './values-seen.ts'
