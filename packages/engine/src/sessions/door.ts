// What a server may ask of Sessions: durable records of a piece of work, with questions to people that are decided once.
import type { RequestRow, SessionItemRow, SessionRow } from '@pawl/storage'

export interface SessionGiven {
  /** The caller's name for it, unique. */
  readonly name: string
  readonly agent: string | null
  readonly title: string | null
  /** Canonical JSON object, at most 16 KiB. */
  readonly metadata: string | null
  readonly jobRunId: string | null
  readonly runId: string | null
  readonly reopen: boolean
}

export interface ItemGiven {
  readonly type: SessionItemRow['type']
  readonly role: string | null
  /** Canonical JSON, at most 256 KiB. */
  readonly content: string
  readonly name: string | null
}

export interface RequestGiven {
  readonly name: string
  readonly kind: RequestRow['kind']
  readonly prompt: string
  /** Canonical JSON: `{"schema": …}` or `{"options": […]}`; null: any answer. */
  readonly form: string | null
  /** Canonical JSON. */
  readonly arguments: string | null
  /** Epoch milliseconds; null: seven days from now. */
  readonly expiresAt: number | null
  readonly callbackUrl: string | null
  readonly wantsLink: boolean
}

/** An answer: to an approval a decision (and changed arguments, canonical JSON), to the others a response. */
export type AnswerGiven = { readonly reason: string | null; readonly by: string } & (
  | { readonly decision: 'approve' | 'deny'; readonly arguments: string | null }
  | { readonly response: string }
)

export type Resolved = { readonly resolved: RequestRow } | { readonly alreadyResolved: RequestRow }

export interface SessionChange {
  readonly title?: string | null
  /** Canonical JSON object. */
  readonly metadata?: string | null
  /** Ends it. */
  readonly status?: 'completed' | 'failed' | 'cancelled'
  /** Canonical JSON. */
  readonly result?: string | null
  readonly error?: string | null
}

export interface Sessions {
  /** Opens, finds or reopens. @throws EngineError `session_invalid`, `session_too_large`, `job_run_not_found` */
  open(session: SessionGiven): Promise<{ readonly session: SessionRow; readonly isNew: boolean }>
  /**
   * Changes title, metadata, status, result, error (canonical JSON). Ending it cancels its pending requests.
   * @throws EngineError `session_not_found`, `session_ended` (title and metadata may change all the same), `session_invalid`,
   *         `session_too_large`
   */
  change(id: string, change: SessionChange): Promise<SessionRow>
  /**
   * Appends, all or nothing; items whose name is there already are answered, not added again.
   * @throws EngineError `session_not_found`, `session_ended`, `session_invalid`, `session_too_large`, `too_many_items`
   */
  append(id: string, items: readonly ItemGiven[]): Promise<readonly SessionItemRow[]>
  /**
   * Asks, or finds the question that has the name already. `token` is of the one-time link that was wanted; asked again while
   * it is pending, a new link takes the place of the first.
   * @throws EngineError `session_not_found`, `session_ended`, `request_invalid`, `session_too_large`, `too_many_items`,
   *         `too_many_requests_pending`
   */
  request(
    id: string,
    request: RequestGiven,
  ): Promise<{ readonly request: RequestRow; readonly isNew: boolean; readonly token: string | null }>
  /** The first answer counts. @throws EngineError `request_not_found`, `answer_invalid` (with the path in the schema) */
  respond(id: string, answer: AnswerGiven): Promise<Resolved>
  /** The request that a one-time link opens, also when it is resolved. @throws EngineError `request_not_found`, `link_invalid` */
  openLink(id: string, token: string): Promise<RequestRow>
  /** An answer by a one-time link. @throws EngineError `request_not_found`, `link_invalid`, `answer_invalid` */
  respondByLink(id: string, token: string, answer: AnswerGiven): Promise<Resolved>
  /** @throws EngineError `request_not_found` */
  cancelRequest(id: string, by: string): Promise<Resolved>
  /**
   * Resolves when the request is no longer pending, and at the latest after the time, when the signal aborts or the engine
   * stops: it may be pending still. Without polling where this process hears of it.
   * @throws EngineError `request_not_found`
   */
  waitFor(id: string, timeoutMs: number, signal: AbortSignal): Promise<RequestRow>
}
