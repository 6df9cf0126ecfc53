// The start page. In development: what is running, drawn from the public API by a small script; the page holds no data
// itself. In production: how to ask the API with a key, and nothing of the server.
import type { FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { pathOf } from '../http/app.ts'
import { hotRoute } from '../http/define-route.ts'
import type { Answer, Route } from '../http/route.ts'
import { developmentPage, PRODUCTION_PAGE } from '../page/html.ts'
import { PAGE_ICON } from '../page/icon.ts'
import { PAGE_SCRIPT } from '../page/script.ts'
import { PAGE_STYLE } from '../page/style.ts'

const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'"

const ASSETS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/assets/page.js': { type: 'text/javascript; charset=utf-8', text: PAGE_SCRIPT },
  '/assets/page.css': { type: 'text/css; charset=utf-8', text: PAGE_STYLE },
  '/assets/icon.svg': { type: 'image/svg+xml', text: PAGE_ICON },
}

export function pageRoutes(ctx: ServerContext): readonly Route[] {
  const page = pageAnswer(ctx)
  const open = { scope: 'public', surface: 'v1' } as const
  const doc = { tag: 'Page', summary: 'The start page.', state: 'internal' } as const
  return [
    hotRoute({ method: 'GET', path: '/', rules: open, doc: { ...doc, id: 'page' }, handle: () => page }),
    ...Object.entries(ASSETS).map(([path, { type, text }]) =>
      hotRoute({
        method: 'GET',
        path,
        rules: open,
        doc: { ...doc, id: path.slice(1).replace(/\W/g, '_') },
        handle: () => ({
          text,
          headers: { 'content-type': type, 'cache-control': 'no-cache', 'content-security-policy': POLICY },
        }),
      }),
    ),
  ]
}

/** Unknown addresses show the page to a browser, but for those below the API's prefixes. */
export function pageFallback(ctx: ServerContext): (request: FastifyRequest) => Answer | undefined {
  const page = pageAnswer(ctx)
  return (request) => {
    const browser = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    return browser && !/^\/(?:v0|v1|v2|api|e|fn|dev|assets)(?:\/|$)/.test(pathOf(request)) ? page : undefined
  }
}

function pageAnswer(ctx: ServerContext): Answer {
  return {
    status: 200,
    text: ctx.mode === 'dev' ? developmentPage(ctx.version) : PRODUCTION_PAGE,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
  }
}
