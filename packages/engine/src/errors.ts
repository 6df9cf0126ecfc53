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
  job_run_not_found: { http: 404, retry: false, says: 'No run of a job of this ID is known.' },
  session_not_found: { http: 404, retry: false, says: 'No session of this ID is known.' },
  session_ended: { http: 409, retry: false, says: 'The session has ended; `details.status` says how.' },
  session_invalid: { http: 400, retry: false, says: 'A field of the session or of an item cannot be used.' },
  session_too_large: {
    http: 413,
    retry: false,
    says: 'A part of a session is over its limit; `details.path` and `details.limit` name it.',
  },
  too_many_items: { http: 422, retry: false, says: 'The session would hold more items than the limit.' },
  too_many_requests_pending: { http: 422, retry: false, says: 'The session has as many open requests as it may have.' },
  request_not_found: { http: 404, retry: false, says: 'No request of this ID is known.' },
  request_invalid: { http: 400, retry: false, says: 'A field of the request, or its schema, cannot be used.' },
  answer_invalid: {
    http: 422,
    retry: false,
    says: 'The answer does not fit the request; `details.path` names the place.',
  },
  link_invalid: {
    http: 403,
    retry: false,
    says: 'The one-time link is not valid, or a newer one has taken its place.',
  },
  job_not_found: { http: 404, retry: false, says: 'No job of this ID is known.' },
  job_invalid: { http: 400, retry: false, says: 'A field of the job cannot be used; `details.path` names it.' },
  job_changed: { http: 412, retry: false, says: 'The job was changed since it was read: read it again.' },
  job_running: { http: 409, retry: false, says: 'A call of the job is open; there is one at a time.' },
  secret_unknown: { http: 400, retry: false, says: 'A secret that is named is not set; `details.name` is its name.' },
  secret_invalid: { http: 400, retry: false, says: 'A secret needs a name of letters, digits and `_`, and a value.' },
  instance_key_missing: {
    http: 409,
    retry: false,
    says: 'Secrets are stored only under an instance key, and the server has none: set `PAWL_INSTANCE_KEY`.',
  },
  instance_key_wrong: {
    http: 500,
    retry: false,
    says: 'The instance key is not the one under which the stored secrets were sealed.',
  },
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
