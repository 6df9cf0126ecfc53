// The errors that this package throws: input that cannot be taken, never a fault of ours.
// The code is the identity and is what callers answer with; messages are for people and never quote more than 200 bytes of input.

/** Codes of text that is not the JSON we accept. */
export type JsonErrorCode = 'invalid_json' | 'invalid_utf8' | 'json_too_deep' | 'json_too_large'

/** Codes of an event that cannot be accepted. */
export type EventErrorCode =
  | JsonErrorCode
  | 'invalid_event'
  | 'invalid_timestamp'
  | 'too_many_events'
  | 'event_too_large'

/** Codes of an app's answer that cannot be used: `protocol_error` ends the run, the others only the attempt. */
export type AnswerErrorCode = 'protocol_error' | 'bad_response' | 'output_too_large'

/** Codes of a registration that cannot be read at all (faults of single functions are values, not errors). */
export type SyncErrorCode = JsonErrorCode | 'invalid_config'

/** Codes of a checkpoint that cannot be taken. */
export type CheckpointErrorCode = JsonErrorCode | 'invalid_checkpoint' | 'output_too_large'

/** Thrown for text that is not strict JSON within the limits. `offset` counts bytes of UTF-8 from the start of the text. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly code: JsonErrorCode
  readonly offset: number
  readonly path?: string

  constructor(code: JsonErrorCode, message: string, at: { offset: number; path?: string }) {
    super(message)
    this.code = code
    this.offset = at.offset
    if (at.path !== undefined) this.path = at.path
  }
}

/** Thrown for an event, or a request of events, that is refused. `index` is that of the first bad event of an array, from 0. */
export class EventError extends Error {
  override readonly name = 'EventError'
  readonly code: EventErrorCode
  readonly index?: number

  constructor(code: EventErrorCode, message: string, index?: number) {
    super(index === undefined ? message : `${message} (event ${index})`)
    this.code = code
    if (index !== undefined) this.index = index
  }
}

/** Thrown for opcodes that cannot be understood. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly code: AnswerErrorCode

  constructor(code: AnswerErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Thrown for a registration that is no registration. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: SyncErrorCode

  constructor(code: SyncErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Thrown for a checkpoint that is refused before anything is written. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError'
  readonly code: CheckpointErrorCode

  constructor(code: CheckpointErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
