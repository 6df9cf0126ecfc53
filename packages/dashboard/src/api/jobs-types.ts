// HTTP Jobs as the API takes and answers them (`/v2/jobs…`, `/v2/job-runs…`, `/v2/secrets…`). Instants are RFC 3339 texts.

export interface JobSchedule {
  /** 1 to 10,080. */
  readonly intervalMinutes: number
  /** 0 to 59; 0 by default. */
  readonly startMinute: number
  /** 0 to 23; 0 by default. */
  readonly startHour: number
  /** IANA name; `UTC` by default. */
  readonly timeZone: string
  /** `YYYY-MM-DD`; the local date of creation by default. */
  readonly anchorDate: string
}

export type JobMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'

/** A header as it is sent to the server. Of a secret one the value may be left out in a PATCH: the stored one stays. */
export interface JobHeader {
  readonly name: string
  readonly value?: string
  readonly secret?: boolean
}

/** A header as it is answered: `value` is absent for a secret one. */
export interface ShownJobHeader {
  readonly name: string
  readonly value?: string
  readonly secret?: true
  readonly hasValue: boolean
}

export interface JobRequest<Header = JobHeader> {
  readonly url: string
  readonly method: JobMethod
  readonly headers: readonly Header[]
  /** A text is sent as it is, any other JSON value as JSON. */
  readonly body?: unknown
}

/** Body of `POST /v2/jobs`, and with every field optional of `PATCH /v2/jobs/{id}`. */
export interface NewJob extends Partial<JobSchedule> {
  readonly name: string
  readonly enabled?: boolean
  readonly intervalMinutes: number
  readonly request: {
    readonly url: string
    readonly method?: JobMethod
    readonly headers?: readonly JobHeader[]
    readonly body?: unknown
  }
  /** 1 to 300; 30 by default. */
  readonly timeoutSeconds?: number
  /** Signs each request by Standard Webhooks; never shown again. */
  readonly signingSecret?: string
}

export type JobStatus = 'queued' | 'running' | 'success' | 'failure' | 'skipped'

/** `GET /v2/jobs`, `GET /v2/jobs/{id}`, and the answers of POST, PATCH, `…/pause`, `…/resume`. */
export interface Job extends JobSchedule {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly request: JobRequest<ShownJobHeader>
  readonly timeoutSeconds: number
  readonly hasSigningSecret?: true
  readonly createdAt: string
  readonly updatedAt: string
  readonly stats: {
    readonly totalRuns: number
    readonly successfulRuns: number
    readonly failedRuns: number
    readonly skippedRuns: number
    readonly lastRunAt?: string
    readonly lastRunStatus?: JobStatus
  }
  /** Absent while it is paused. */
  readonly nextRunAt?: string
  /** Slots lie at constant distances of real time, not on the wall clock. */
  readonly isElapsed?: true
  /** Its run that is open now. */
  readonly liveRunId?: string
  /** The newest first, twenty at most; in lists. */
  readonly strip?: readonly {
    readonly runId: string
    readonly status: JobStatus
    readonly scheduledAt: string
    readonly durationMs?: number
  }[]
}

/** `GET /v2/jobs/{id}/runs?status&trigger&limit&cursor`, `GET /v2/job-runs/{id}`, 202 of `POST /v2/jobs/{id}/run`. */
export interface JobRun {
  readonly id: string
  readonly jobId: string
  readonly trigger: 'schedule' | 'manual'
  readonly scheduledAt: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly durationMs?: number
  readonly status: JobStatus
  readonly httpStatus?: number
  readonly error?: { readonly code: JobErrorCode; readonly message: string }
  /** Redacted. */
  readonly request: { readonly method: JobMethod; readonly url: string }
  readonly responseBytes?: number
  /** Of the single run only. Secrets are masked. */
  readonly responseExcerpt?: string
  readonly sessionIds?: readonly string[]
  readonly skipped?: { readonly reason: 'overlap' | 'missed'; readonly slots: number }
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

/** `POST /v2/jobs/preview` with a schedule and `{"from"?, "count"?}`. */
export interface JobPreview {
  readonly slots: readonly string[]
  readonly isElapsed?: true
}

/** `POST /v2/jobs/test` `{"request", "timeoutSeconds"?, "jobId"?}`: sent once, nothing kept; what a run would record. */
export interface JobTest extends Omit<JobRun, 'id' | 'jobId' | 'trigger' | 'scheduledAt'> {}

// GET /v2/secrets → [{"name","updatedAt"}]    PUT /v2/secrets/{name} {"value"} → 204    DELETE → 204
