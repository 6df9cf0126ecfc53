// Sessions, their items and requests as the API answers them (`/v2/sessions…`, `/v2/requests…`). The published client has the
// same shapes in its own package; a page takes nothing but HTTP from it. Instants are RFC 3339 texts.

export type SessionStatus = 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'

/** `GET /v2/sessions?agent&status&jobId&runId&limit&cursor`, `GET|PATCH /v2/sessions/{id}`. */
export interface Session {
  readonly id: string
  readonly key: string
  readonly agent?: string
  readonly title?: string
  /** `waiting`: running, with a pending request. */
  readonly status: SessionStatus
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly jobId?: string
  readonly jobRunId?: string
  readonly runId?: string
  readonly itemCount: number
  readonly pendingRequests: number
  readonly createdAt: string
  readonly updatedAt: string
  readonly endedAt?: string
  readonly result?: unknown
  readonly error?: unknown
  readonly isIdle?: true
}

export type SessionItemType =
  | 'message'
  | 'tool_call'
  | 'tool_result'
  | 'artifact'
  | 'log'
  | 'error'
  | 'decision'
  | 'custom'

/** `GET /v2/sessions/{id}/items?after=<seq>&limit`: in their order; `page.cursor` is the last `seq`. */
export interface SessionItem {
  readonly id: string
  readonly seq: number
  readonly type: SessionItemType
  readonly role?: string
  readonly content: unknown
  readonly createdAt: string
}

export type RequestKind = 'approval' | 'input' | 'choice'
export type RequestStatus = 'pending' | 'approved' | 'denied' | 'answered' | 'expired' | 'cancelled'

/** `GET /v2/requests?status&sessionId&limit&cursor` (only `pending`: oldest first), `GET /v2/requests/{id}`. */
export interface Request {
  readonly id: string
  readonly sessionId: string
  readonly key: string
  readonly kind: RequestKind
  readonly prompt: string
  /** JSON Schema of the answer, or of the changed arguments. */
  readonly schema?: Readonly<Record<string, unknown>>
  readonly options?: readonly { readonly value: string; readonly label?: string }[]
  readonly arguments?: unknown
  readonly status: RequestStatus
  readonly response?: unknown
  readonly reason?: string
  readonly respondedBy?: string
  readonly expiresAt: string
  readonly createdAt: string
  readonly resolvedAt?: string
  readonly callbackUrl?: string
  readonly session?: { readonly title?: string; readonly agent?: string; readonly runId?: string }
}

/** Body of `POST /v2/requests/{id}/respond[?token=]`. 409 `request_already_resolved` has the first answer in `data`. */
export type RequestAnswer =
  | { readonly decision: 'approve' | 'deny'; readonly arguments?: unknown; readonly reason?: string }
  | { readonly response: unknown; readonly reason?: string }

// GET /v2/requests/count?status=pending → {"count", "isCut"?}    POST /v2/requests/{id}/cancel → Request
// GET /v2/sessions/{id}/stream?after=<seq>: `session` (Session) when it changes, `item` (SessionItem, id: seq)
