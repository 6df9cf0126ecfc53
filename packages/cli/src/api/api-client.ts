// Asks a running server over its HTTP API, as anybody else would. Every failure becomes an error that says what to do; the
// key is sent to the given URL only, never after a redirect.
import { CliError } from '../errors.ts'

export interface ApiOptions {
  /** Of the server, such as `http://localhost:8288`. */
  readonly url: string
  /** A signing key; a server in development needs none. */
  readonly key: string | undefined
  /** Replaces `globalThis.fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A row of an answer: what a field holds is looked at where it is shown. */
export type ApiRow = Readonly<Record<string, unknown>>

export interface Api {
  /** `data` of the answer; undefined for one without a body. @throws CliError */
  ask(method: Method, path: string, body?: unknown): Promise<unknown>
  /** Rows of a list, over as many pages as it takes. @throws CliError */
  list(path: string, limit: number): Promise<{ readonly rows: readonly ApiRow[]; readonly hasMore: boolean }>
}

const TIMEOUT_MS = 30_000
const PAGE_MAX = 100

/** @throws CliError `argument_invalid` for a URL that is none. */
export function createApi({ url, key, fetch = globalThis.fetch }: ApiOptions): Api {
  const base = baseOf(url)

  async function answer(method: Method, path: string, body?: unknown): Promise<Envelope> {
    const response = await send(fetch, `${base}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        accept: 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (response.status === 204) return {}
    const parsed = parse(response.text)
    if (response.status >= 300 || parsed === undefined) throw refusal(base, response, parsed)
    return parsed
  }

  return {
    ask: async (method, path, body) => (await answer(method, path, body)).data,
    async list(path, limit) {
      const rows: ApiRow[] = []
      let cursor: string | undefined
      do {
        const query = new URLSearchParams({ limit: String(Math.min(PAGE_MAX, limit - rows.length)) })
        if (cursor !== undefined) query.set('cursor', cursor)
        const page = await answer('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`)
        rows.push(...((page.data ?? []) as readonly ApiRow[]))
        cursor = page.page?.cursor
      } while (cursor !== undefined && rows.length < limit)
      return { rows, hasMore: cursor !== undefined }
    },
  }
}

/** As the server answers; read with care, for something else may stand at the URL. */
interface Envelope {
  readonly data?: unknown
  readonly page?: { readonly cursor?: string }
  readonly errors?: readonly { readonly code?: string; readonly message?: string; readonly hint?: string }[]
}

interface Answered {
  readonly status: number
  readonly text: string
  readonly location: string | null
}

function baseOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CliError('argument_invalid', `--url must be a URL such as http://localhost:8288, not ${shortly(url)}.`)
  }
  return url.replace(/\/+$/, '')
}

async function send(fetch: typeof globalThis.fetch, url: string, init: RequestInit): Promise<Answered> {
  try {
    const response = await fetch(url, init)
    return { status: response.status, text: await response.text(), location: response.headers.get('location') }
  } catch (cause) {
    const where = new URL(url).origin
    const why = reasonOf(cause)
    const says = `No server answers at ${where}: ${why}. Start one with \`pawl dev\`, or say where it is with --url.`
    throw new CliError('server_unreachable', says, { cause })
  }
}

/** `fetch` tells the cause of its failure apart. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing came within ${TIMEOUT_MS / 1_000} s`
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message
  if (cause instanceof Error) return cause.message
  return error instanceof Error ? error.message : 'the request failed'
}

function parse(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function refusal(base: string, { status, location }: Answered, body: Envelope | undefined): CliError {
  if (status >= 300 && status < 400) {
    const to = location === null ? 'somewhere else' : shortly(location)
    return new CliError('server_unreachable', `${base} leads to ${to}: give the server's own URL with --url.`)
  }
  const fault = body?.errors?.[0]
  if (status === 401) {
    const says = fault?.message ?? 'Authentication failed'
    return new CliError('key_refused', `${says}. Give a signing key of the server with --key or PAWL_SIGNING_KEY.`)
  }
  if (fault?.code === undefined) {
    return new CliError('server_unreachable', `What answers at ${base} is no Pawl server (HTTP ${status}).`)
  }
  const message = (fault.message ?? `HTTP ${status}`).replace(/\.$/, '')
  const hint = fault.hint === undefined ? '' : ` ${fault.hint}`
  return new CliError('request_refused', `${message} (${fault.code}).${hint}`)
}

function shortly(text: string): string {
  return JSON.stringify(text.slice(0, 200))
}
