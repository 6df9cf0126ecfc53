// What the server's API of Sessions takes and answers (`/v2/sessions…`, `/v2/requests…` in its `/openapi.json`). Instants are
// RFC 3339 texts. A field that may be absent is absent when it is unknown or does not apply.

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export type SessionStatus = 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'

/** A record of one piece of work: what an agent did, and what it asked people. */
export interface Session {
  readonly id: string
  /** The caller's own name for it; opening it again finds it. */
  readonly key: string
  readonly agent?: string
  readonly title?: string
  /** `waiting`: running, with a pending request. */
  readonly status: SessionStatus
  readonly metadata?: { readonly [key: string]: Json }
  readonly jobId?: string
  readonly jobRunId?: string
  /** The durable run that works on it. */
  readonly runId?: string
  readonly itemCount: number
  readonly pendingRequests: number
  readonly createdAt: string
  readonly updatedAt: string
  readonly endedAt?: string
  readonly result?: Json
  readonly error?: Json
  /** Running, and untouched for a day. */
  readonly isIdle?: true
}

export type ItemType = 'message' | 'tool_call' | 'tool_result' | 'artifact' | 'log' | 'error' | 'decision' | 'custom'

/** One entry of a session's log; never changed, never removed. */
export interface Item {
  readonly id: string
  /** 1, 2, 3 … within its session, without gaps. */
  readonly seq: number
  readonly type: ItemType
  readonly role?: string
  readonly content: Json
  readonly createdAt: string
}

export interface NewItem {
  readonly type: ItemType
  readonly role?: string
  /** At most 256 KiB as JSON. */
  readonly content: Json
  /** An item with a key that the session has already is not added again. */
  readonly key?: string
}

export type RequestKind = 'approval' | 'input' | 'choice'
export type RequestStatus = 'pending' | 'approved' | 'denied' | 'answered' | 'expired' | 'cancelled'

/** A question to a person. Leaves `pending` once, for good. */
export interface Request {
  readonly id: string
  readonly sessionId: string
  readonly key: string
  readonly kind: RequestKind
  readonly prompt: string
  /** JSON Schema that the answer (or the changed arguments) must satisfy. */
  readonly schema?: { readonly [key: string]: Json }
  /** Of a `choice`. */
  readonly options?: readonly RequestOption[]
  /** What is asked for, such as the arguments of a call; an approval may change them. */
  readonly arguments?: Json
  readonly status: RequestStatus
  /** Of `answered`. */
  readonly response?: Json
  readonly reason?: string
  readonly respondedBy?: string
  readonly expiresAt: string
  readonly createdAt: string
  readonly resolvedAt?: string
  readonly callbackUrl?: string
  /** Only in the answer that creates it, when a link was asked for: lets its holder answer once. */
  readonly link?: string
  /** Of the session, for lists. */
  readonly session?: { readonly title?: string; readonly agent?: string; readonly runId?: string }
}

export interface RequestOption {
  readonly value: string
  readonly label?: string
}

export interface NewRequest {
  /** Unique in the session: asking again with it finds the first. */
  readonly key: string
  readonly kind: RequestKind
  readonly prompt: string
  readonly schema?: { readonly [key: string]: Json }
  readonly options?: readonly RequestOption[]
  readonly arguments?: Json
  /** At most 30 days ahead; 7 days by default. */
  readonly expiresAt?: string
  /** Is told of the outcome by a signed POST. */
  readonly callbackUrl?: string
  /** Ask for a link by which somebody without a key can answer once. */
  readonly link?: boolean
}

export interface NewSession {
  readonly key: string
  readonly agent?: string
  readonly title?: string
  readonly metadata?: { readonly [key: string]: Json }
  readonly jobRunId?: string
  readonly runId?: string
  /** Sets an ended session to running again; otherwise it is returned as it is. */
  readonly reopen?: boolean
}

/** `data` of `pawl/session.request.resolved`, of the signal `session-request:<id>` and of the callback. */
export interface Resolution {
  readonly sessionId: string
  readonly requestId: string
  readonly requestKey: string
  readonly kind: RequestKind
  readonly status: Exclude<RequestStatus, 'pending'>
  readonly response?: Json
  /** As approved: changed ones, or those that were asked for. */
  readonly arguments?: Json
  readonly reason?: string
  readonly respondedBy?: string
}
