// What this package takes from the engine's room, in one place.
export {
  appUuid,
  compileExpression,
  ENGINE_ERRORS,
  type Engine,
  EngineError,
  type Expression,
  ExpressionError,
  functionUuid,
  readDetail,
  type StepDetail,
  testExpression,
} from '@pawl/engine'
