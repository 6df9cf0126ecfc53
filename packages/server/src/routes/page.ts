// The dashboard: its page at `/` and at every address of its own that a browser may be sent to, and the files beside it.
// The page holds no data; all that it shows it asks of the API, so it is the same for everybody.
import type { FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { pathOf } from '../http/app.ts'
import { prefixOf } from '../http/caller.ts'
import { hotRoute } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import type { Answer, Route } from '../http/route.ts'
import { etagOf } from '../page/dashboard-files.ts'

/** Nothing inline, nothing from elsewhere, in nobody's frame. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const NOT_BUILT =
  'The dashboard of this server has not been built. `npm start` and `npm run pawl` build it; ' +
  'the API is here all the same.\n'

/** Below these stands the API and what it answers itself; no page. */
const API = /^\/(?:v0|v1|v2|api|e|fn|dev|assets)(?:\/|$)/
const IMMUTABLE = 'public, max-age=31536000, immutable'

export function pageRoutes(ctx: ServerContext): readonly Route[] {
  const open = { scope: 'public', surface: 'v1' } as const
  const doc = { tag: 'Page', state: 'internal' } as const
  return [
    hotRoute({
      method: 'GET',
      path: '/',
      rules: open,
      doc: { ...doc, id: 'page', summary: 'The dashboard.' },
      handle: (request) => pageAnswer(ctx, request),
    }),
    hotRoute({
      method: 'GET',
      path: '/assets/*',
      rules: open,
      doc: { ...doc, id: 'pageAsset', summary: 'A file of the dashboard.' },
      async handle(request) {
        const answer = await fileAnswer(ctx, request)
        if (answer === undefined) throw new HttpError('not_found', 'Nothing is at this address')
        return answer
      },
    }),
  ]
}

/** Unknown addresses show the page to a browser, but for those below the API's prefixes. */
export function pageFallback(ctx: ServerContext): (request: FastifyRequest) => Promise<Answer | undefined> {
  return async (request) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || API.test(pathOf(request))) return undefined
    const file = await fileAnswer(ctx, request)
    const isBrowser = (request.headers.accept ?? '').includes('text/html')
    return file ?? (isBrowser ? pageAnswer(ctx, request) : undefined)
  }
}

async function pageAnswer(ctx: ServerContext, request: FastifyRequest): Promise<Answer> {
  const built = await ctx.page.index()
  if (built === undefined) {
    return { status: 503, text: NOT_BUILT, headers: { 'content-type': 'text/plain; charset=utf-8' } }
  }
  const text = placed(built, prefixOf(request))
  return cached(request, etagOf(text), {
    status: 200,
    text,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-cache',
      vary: 'X-Forwarded-Prefix',
    },
  })
}

/** The page below a prefix: its references, relative in the build, hold at any depth; its script is told the prefix. */
function placed(built: string, prefix: string): string {
  const tag = `<meta name="pawl-prefix" content="${prefix}">`
  const text = built.replace(/(\s(?:src|href)=")\.\//g, `$1${prefix}/`)
  const known = /<meta name="pawl-prefix"[^>]*>/
  return known.test(text) ? text.replace(known, tag) : text.replace(/<head\b[^>]*>/, `$&${tag}`)
}

async function fileAnswer(ctx: ServerContext, request: FastifyRequest): Promise<Answer | undefined> {
  const accepts = request.headers['accept-encoding']
  const file = await ctx.page.file(pathOf(request).slice(1), typeof accepts === 'string' ? accepts : undefined)
  if (file === undefined) return undefined
  return cached(request, file.etag, {
    bytes: file.bytes,
    headers: {
      'content-type': file.type,
      'cache-control': file.isImmutable ? IMMUTABLE : 'no-cache',
      // A picture that is opened by itself is a page too.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      vary: 'Accept-Encoding',
      ...(file.encoding === null ? {} : { 'content-encoding': file.encoding }),
    },
  })
}

/** Nothing but its tag when the browser has the very same already. */
function cached(request: FastifyRequest, etag: string, answer: Answer): Answer {
  const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? []
  const headers = { ...answer.headers, etag }
  if (!known.includes(etag) && !known.includes('*')) return { ...answer, headers }
  const { 'content-type': _type, 'content-encoding': _encoding, ...kept } = headers as Record<string, string>
  return { status: 304, headers: kept }
}
