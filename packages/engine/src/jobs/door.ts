// What a server may ask of HTTP Jobs: calls of a URL by the clock, without any code of the caller's. A job is a row and a
// timer; each of its runs is a row and a leased item, like everything that the engine does.
import type { JobRow, JobRunRow } from '@pawl/storage'
import type { JobSchedule } from './slots.ts'

export type JobMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'

/** A header as it is given. A secret one without a value keeps the stored one (in a change). */
export interface GivenHeader {
  readonly name: string
  readonly value: string | null
  readonly isSecret: boolean
}

export interface GivenRequest {
  readonly method: JobMethod
  /** May hold `{{secrets.NAME}}`, as headers and body may. */
  readonly url: string
  readonly headers: readonly GivenHeader[]
  /** What is sent, and its type where no header says otherwise; null for none. */
  readonly body: { readonly text: string; readonly isJson: boolean } | null
}

/** A request as it is kept (canonical JSON in `JobRow.request`): secret values sealed, never in the open. */
export interface StoredRequest {
  readonly method: JobMethod
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly isSecret: boolean; readonly value: string }[]
  readonly body: { readonly text: string; readonly isJson: boolean } | null
  /** Sealed; null for none. */
  readonly signingSecret: string | null
}

export interface JobGiven {
  readonly name: string
  readonly enabled: boolean
  readonly schedule: JobSchedule
  readonly request: GivenRequest
  readonly timeoutMs: number
  /** undefined keeps it (in a change), null removes it. */
  readonly signingSecret?: string | null | undefined
}

/** What one call came to, as a run records it. */
export interface JobResult {
  readonly status: 'success' | 'failure'
  readonly startedAt: number
  readonly finishedAt: number
  readonly httpStatus: number | null
  readonly error: { readonly code: JobErrorCode; readonly message: string } | null
  readonly responseBytes: number | null
  /** Start of the answer with known secrets masked: 64 KiB of a failure, 2 KiB of a success. */
  readonly excerpt: string | null
  /** `X-Session-Id` of the answer, or null. */
  readonly sessionId: string | null
}

export type JobErrorCode =
  | 'timeout'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'blocked_by_policy'
  | 'http_status'
  | 'redirect'
  | 'response_aborted'
  | 'worker_lost'
  | 'overlap'
  | 'internal'

export interface Jobs {
  /** @throws EngineError `job_invalid` (with the field's path), `secret_unknown` */
  create(job: JobGiven): Promise<JobRow>
  /**
   * Changes what is given. `ifUpdatedAt`: only if nobody has changed it since.
   * @throws EngineError `job_not_found`, `job_invalid`, `job_changed`
   */
  update(id: string, change: Partial<JobGiven>, ifUpdatedAt?: number): Promise<JobRow>
  /** Slots from now on are left out; a call that is open finishes. @throws EngineError `job_not_found` */
  pause(id: string): Promise<JobRow>
  resume(id: string): Promise<JobRow>
  /** Calls it now, also while it is paused; `nextAt` stays. @throws EngineError `job_not_found`, `job_running` */
  run(id: string): Promise<JobRunRow>
  /** It is gone at once; its runs go within a day. @throws EngineError `job_not_found` */
  remove(id: string): Promise<void>
  /** The next slots after an instant. @throws EngineError `job_invalid` */
  preview(schedule: JobSchedule, afterMs: number, count: number): readonly number[]
  /** Sends a request once and keeps nothing. `jobId`: whose stored secret headers fill what is left out. */
  test(
    request: GivenRequest,
    options: { readonly timeoutMs: number; readonly jobId: string | null },
  ): Promise<JobResult>
  /** The URL and headers as they may be shown: secrets are gone. */
  shown(job: JobRow): StoredRequest
  setSecret(name: string, value: string): Promise<void>
  /** @returns false when there is none */
  removeSecret(name: string): Promise<boolean>
}
