// The door of the package: the contract between SDKs and the server as pure data.
// Nothing in here does I/O, reads a clock or draws a random number; what needs them takes them as arguments.

export type {
  Answer,
  AnswerFaultCode,
  AnswerHeaders,
  ErrorAnswer,
  OpcodesAnswer,
  RawAnswer,
  ReturnedAnswer,
} from './answer.ts'
export { readAnswer } from './answer.ts'
export type { CallContext, CallHeaderParts, CallParts } from './call.ts'
export { buildCallBody, callHeaders, callUrl } from './call.ts'
export type { Checkpoint, CheckpointOp } from './checkpoint.ts'
export { readCheckpoint } from './checkpoint.ts'
export { formatDuration, parseDuration, parseRetryAfter, parseTimeOrDuration } from './duration.ts'
export type {
  AnswerErrorCode,
  CheckpointErrorCode,
  EventErrorCode,
  JsonErrorCode,
  SyncErrorCode,
} from './errors.ts'
export { AnswerError, CheckpointError, EventError, JsonError, SyncError } from './errors.ts'
export type { EventInput } from './event.ts'
export { eventText, isReservedName, readEvent, readEvents } from './event.ts'
export * from './failures.ts'
export type { FunctionReading } from './function.ts'
export { readFunction, readFunctions } from './function.ts'
export type * from './function-config.ts'
export { HEADERS } from './headers.ts'
export type { AppId, EventId, FunctionId, RunId, StepId } from './ids.ts'
export { hashStepId, uuidFrom } from './ids.ts'
export { canonicalText, decodeUtf8, parseJson, scanJson, sliceArray, sliceObject } from './json.ts'
export type { JsonScan } from './json-scan.ts'
export type { Json, JsonObject } from './json-value.ts'
export { writeCanonical } from './json-write.ts'
export type { Limit } from './limits.ts'
export { LIMITS } from './limits.ts'
export type { ErrorParts } from './memo.ts'
export { dataMemo, errorMemo, errorText, inputMemo, NULL_MEMO, signalMemo, stepMemo } from './memo.ts'
export type * from './opcode.ts'
export { isLazy } from './opcode.ts'
export { readOpcodes } from './opcode-read.ts'
export type { SignatureCheck } from './signing.ts'
export { bearerMatcher, bearerMatches, hashSigningKey, normalizeKey, signBody, verifySignature } from './signing.ts'
export type { RegisterRequest } from './sync.ts'
export { readInBandAnswer, readRegisterRequest } from './sync.ts'
export { createUlidFactory, isUlid, seededUlid, seededUlids, ulid, ulidTime } from './ulid.ts'
export { DISCOVERY_PATHS, DISCOVERY_PORTS, normalizeAppUrl, normalizeUrl } from './url.ts'
