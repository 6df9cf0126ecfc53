// The one place that calls the server. Every failure becomes an `ApiError` that says what happened in words, with the
// code, the field and the id of the request; none is swallowed. A 401 also tells the session that signing in is needed.

import { messages } from './messages.ts'
import { session } from './session.ts'
import type { ApiFault, Envelope, Page } from './types.ts'

/** What a query string may be made of; absent values are left out, lists repeat their name. */
export type Params = Readonly<Record<string, ParamValue>>
type ParamValue = string | number | boolean | null | undefined | readonly (string | number)[]

/** A request that was not answered as asked. `status` 0: there was no answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly path: string | undefined
  readonly hint: string | undefined
  /** 1-based column of a fault in an expression. */
  readonly column: number | undefined
  readonly requestId: string | undefined
  /** `data` beside the errors, such as the first answer of a conflict. */
  readonly data: unknown

  constructor(
    fault: ApiFault,
    rest: { status: number; requestId?: string | undefined; data?: unknown; cause?: unknown },
  ) {
    super(fault.message, { cause: rest.cause })
    this.status = rest.status
    this.code = fault.code
    this.path = fault.path
    this.hint = fault.hint
    this.column = fault.column
    this.requestId = rest.requestId
    this.data = rest.data
  }
}

/** A page of rows, with the fields that the API leaves out when they are empty filled in. */
export interface Rows<T> {
  readonly rows: readonly T[]
  readonly cursor: string | undefined
  readonly totalCount: number | undefined
  readonly fetchedAt: string
}

/** Path prefix of a proxy in front of the server, without a slash at its end; empty without one. */
export const prefix = readPrefix()

function readPrefix(): string {
  if (typeof document === 'undefined') return ''
  const content = document.querySelector('meta[name="pawl-prefix"]')?.getAttribute('content') ?? ''
  return content.replace(/\/+$/, '')
}

/** Address of an endpoint, for links and downloads too. */
export function apiUrl(path: string, params: Params = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null || value === '') continue
    for (const each of typeof value === 'object' ? value : [value]) search.append(name, String(each))
  }
  const text = search.toString()
  return prefix + path + (text === '' ? '' : `?${text}`)
}

/** A path with its parts escaped: apps, functions and events are named by their users. */
export function apiPath(strings: TemplateStringsArray, ...parts: readonly string[]): string {
  return strings.reduce((path, text, index) => path + encodeURIComponent(parts[index - 1] ?? '') + text)
}

/** `data` of a GET. */
export async function getData<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  const body = await send<Envelope<T>>(path, { params, signal })
  return body.data
}

/** A page of a list. */
export async function getRows<T>(path: string, params?: Params, signal?: AbortSignal): Promise<Rows<T>> {
  const body = await send<Page<T>>(path, { params, signal })
  return {
    rows: body.data ?? [],
    cursor: body.page?.hasMore ? body.page.cursor : undefined,
    totalCount: body.page?.totalCount,
    fetchedAt: body.metadata?.fetchedAt ?? new Date().toISOString(),
  }
}

/** Changes something; `data` of the answer. */
export async function post<T>(path: string, body: unknown = {}, params?: Params): Promise<T> {
  const answer = await send<Envelope<T> | undefined>(path, { method: 'POST', body, params })
  return answer?.data as T
}

/** Changes a part of something; with `version` only as long as nobody has changed it since (412). */
export async function patch<T>(path: string, body: unknown, version?: string): Promise<T> {
  const answer = await send<Envelope<T>>(path, { method: 'PATCH', body, version })
  return answer.data
}

/** Deletes something. */
export async function remove(path: string): Promise<void> {
  await send<unknown>(path, { method: 'DELETE' })
}

interface Ask {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly params?: Params | undefined
  readonly body?: unknown
  /** What is changed must still be of this `updatedAt`. */
  readonly version?: string | undefined
  readonly signal?: AbortSignal | undefined
}

async function send<T>(path: string, ask: Ask): Promise<T> {
  const response = await open(path, ask)
  if (response.status === 204) return undefined as T
  const text = await readText(response)
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw new ApiError(
      { code: 'bad_answer', message: messages.badAnswer, hint: messages.badAnswerHint },
      { status: response.status, requestId: requestIdOf(response), cause },
    )
  }
}

/** Sends the request and gives the answer back when it is a good one; its body is still unread. */
export async function open(
  path: string,
  { method = 'GET', params, body, version, signal }: Ask = {},
): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (version !== undefined) headers['if-match'] = `"${version}"`
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(apiUrl(path, params), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiError(
      { code: 'unreachable', message: messages.unreachable, hint: messages.unreachableHint },
      { status: 0, cause },
    )
  }
  if (response.ok) return response
  throw await faultOf(response)
}

async function faultOf(response: Response): Promise<ApiError> {
  if (response.status === 401) session.ask()
  const rest = { status: response.status, requestId: requestIdOf(response) }
  const text = await response.text().catch(() => '')
  const body = parseFault(text)
  if (body === undefined) {
    return new ApiError({ code: `http_${response.status}`, message: messages.httpStatus(response.status) }, rest)
  }
  return new ApiError(body.fault, { ...rest, data: body.data })
}

/** Reads the shape of `/v2` and that of `/v1`; undefined for anything else, such as a proxy's page. */
export function parseFault(text: string): { fault: ApiFault; data: unknown } | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null) return undefined
  const data = 'data' in body ? body.data : undefined
  if ('errors' in body && Array.isArray(body.errors)) {
    const first: unknown = body.errors[0]
    return isFault(first) ? { fault: first, data } : undefined
  }
  if ('error' in body && typeof body.error === 'string') {
    const code = 'code' in body && typeof body.code === 'string' ? body.code : 'error'
    return { fault: { code, message: body.error }, data }
  }
  return undefined
}

function isFault(value: unknown): value is ApiFault {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
}

async function readText(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (cause) {
    throw new ApiError({ code: 'cut_answer', message: messages.cutAnswer }, { status: response.status, cause })
  }
}

function requestIdOf(response: Response): string | undefined {
  return response.headers.get('x-request-id') ?? undefined
}
