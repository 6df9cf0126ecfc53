// The engine's catalogue of errors: the code is the identity, the HTTP status stands beside it, and docs/errors.md is
// generated from here. A message says what happened, with which ID, and what to do.

export interface ErrorSpec {
  /** HTTP status with which a surface answers. */
  readonly http: number
  /** Whether the same request may succeed later without a change. */
  readonly retry: boolean
  readonly says: string
}

export const ENGINE_ERRORS = {
  invalid_config: {
    http: 400,
    retry: false,
    says: 'A function of the sync cannot be used; `details.faults` names each fault.',
  },
  app_id_required: { http: 400, retry: false, says: 'The sync names no app.' },
  invalid_event: { http: 400, retry: false, says: 'The event is not one that can be stored.' },
  app_not_found: { http: 404, retry: false, says: 'No app of this name or URL is known.' },
  function_not_found: { http: 404, retry: false, says: 'No function of this name is known.' },
  run_not_found: { http: 404, retry: false, says: 'No run of this ID is known.' },
  run_ended: { http: 410, retry: false, says: 'The run has ended; its state is no longer available.' },
  step_not_waiting: { http: 409, retry: false, says: 'The step of the run waits for nothing, or no longer.' },
  step_not_found: { http: 400, retry: false, says: 'The original run has no such step.' },
  step_ambiguous: { http: 400, retry: false, says: 'Several steps of the original run have this name.' },
  idempotency_conflict: { http: 409, retry: false, says: 'The key was used before; `details.runId` is the first run.' },
  function_skipped: {
    http: 422,
    retry: false,
    says: 'The function starts no run for this call; `details.reason` says why.',
  },
  rate_limited: { http: 422, retry: false, says: "The function's rate limit admits no further run now." },
  function_debounced: {
    http: 422,
    retry: false,
    says: 'The call was taken into a debounce: its run starts, with the last of them, when they cease.',
  },
  invalid_expression: { http: 400, retry: false, says: 'An expression of the request is not one of the language.' },
  stale_dispatch: {
    http: 409,
    retry: false,
    says: 'A newer call of this work has replaced the one that reports, or its run has ended.',
  },
  checkpoint_conflict: { http: 409, retry: false, says: 'The step has another result already.' },
  checkpoint_invalid: { http: 400, retry: false, says: 'The checkpoint cannot be read.' },
  output_too_large: { http: 413, retry: false, says: 'A step returned more than the limit.' },
  state_too_large: { http: 413, retry: false, says: 'The run holds more state than the limit.' },
  store_unavailable: {
    http: 503,
    retry: true,
    says: 'The store did not take the change; nothing was lost, send it again.',
  },
  stopping: { http: 503, retry: true, says: 'The server is stopping; send it again in a moment.' },
} as const satisfies Record<string, ErrorSpec>

export type EngineErrorCode = keyof typeof ENGINE_ERRORS

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: EngineErrorCode,
    message: string,
    options: { readonly details?: Record<string, unknown>; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}
