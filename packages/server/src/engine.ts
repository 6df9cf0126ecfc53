// What this package takes from the engine's room, in one place.
import type { StoredEvent } from '@pawl/storage'
import type { Engine as EngineWithoutText } from '../../engine/src/engine.ts'
export type { AppView } from '../../engine/src/engine.ts'
export { ENGINE_ERRORS, EngineError } from '../../engine/src/errors.ts'
export { readDetail, type StepDetail } from '../../engine/src/history/step-detail.ts'
export { appUuid, functionUuid } from '../../engine/src/identity.ts'
export { compileExpression, type Expression } from '../../engine/src/match/expression/compile.ts'
export { ExpressionError } from '../../engine/src/match/expression/error.ts'
export { test as testExpression } from '../../engine/src/match/expression/evaluate.ts'
export interface Engine extends EngineWithoutText {
  eventText(event: StoredEvent): string
}
