// What a call rejects with: the server's own code and words.

export class SessionsError extends Error {
  override readonly name = 'SessionsError'
  /** The server's code, such as `request_already_resolved`; `not_json` for an answer of something else in between. */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  /** What the server says besides, such as the first answer to a request that was answered already. */
  readonly data: unknown

  constructor(code: string, message: string, status: number, data?: unknown) {
    super(message)
    this.code = code
    this.status = status
    this.data = data
  }

  /** Reads an answer of the `{"errors": [{"code", "message"}], "data"?}` shape. */
  static from(status: number, text: string): SessionsError {
    const body = readJson(text)
    const first = body?.errors?.[0]
    if (typeof first?.code !== 'string')
      return new SessionsError('not_json', `HTTP ${status}: ${text.slice(0, 200)}`, status)
    return new SessionsError(first.code, first.message ?? `HTTP ${status}`, status, body?.data)
  }
}

/** As it should be; anything may stand between server and client. */
interface ErrorBody {
  readonly errors?: readonly { readonly code?: string; readonly message?: string }[]
  readonly data?: unknown
}

function readJson(text: string): ErrorBody | null {
  try {
    return JSON.parse(text) as ErrorBody | null
  } catch {
    return null
  }
}
