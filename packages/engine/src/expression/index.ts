/**
 * The expression language of triggers, keys, waits and cancel rules: a dialect of CEL with lenient rules for missing
 * values. This is the room's door; everything behind it is pure, takes `now` as a value, and only ever throws
 * `ExpressionError`.
 */
export { type BoundWait, bindWait } from './bind.ts'
export { type CompileOptions, compileExpression, compileRest, type Expression } from './compile.ts'
export { ExpressionError, type ExpressionErrorCode } from './error.ts'
export { type Evaluation, evaluate, type KeyText, keyText, test, type Variables } from './evaluate.ts'
export { pathsOf, scalarKey, valueAt } from './key.ts'
export type { Json } from './value.ts'
