// Puts the routes behind fastify: one body reader, one guard, one place that renders errors, and answers for addresses
// and methods that do not exist.
import { Socket } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { AddressBook } from './address-book.ts'
import { createAuth } from './auth.ts'
import { isInternal, toHttpError } from './from-error.ts'
import { type GuardParts, guard, markAnswer } from './guard.ts'
import { HostCheck } from './hosts.ts'
import { HttpError, type Refusal, renderError, type Surface } from './http-errors.ts'
import { printJson } from './raw-json.ts'
import { BodyWatch } from './read-body.ts'
import { refuseSocket } from './refuse-socket.ts'
import { type Answer, type Route, type RouteRules, rules } from './route.ts'

/** Rest of a body that is read and thrown away, so that the connection can be kept. */
const DISCARD_BYTES_MAX = 64 * 1024
const PREFLIGHT_SECONDS = 3600

export interface App {
  readonly fastify: FastifyInstance
  /** Stops the timers. */
  close(): Promise<void>
}

/** What an unknown address answers to a browser. */
export type Fallback = (request: FastifyRequest) => Answer | undefined | Promise<Answer | undefined>

/** Builds the HTTP application. It listens nowhere: requests come from `fastify.routing` or `inject`. */
export async function createApp(ctx: ServerContext, routes: readonly Route[], fallback: Fallback): Promise<App> {
  const hosts = new HostCheck({ allowedHosts: ctx.allowedHosts ?? [], allowedOrigins: ctx.allowedOrigins ?? [] })
  const { sessions } = ctx
  const parts: GuardParts = { ctx, hosts, sessions, auth: createAuth(ctx, { sessions, hosts }) }
  const bodies = new BodyWatch(() => performance.now())
  const addresses = new AddressBook(routes)
  const app = fastify({
    logger: false,
    requestIdHeader: false,
    genReqId: () => '',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 8 * 1024 },
    frameworkErrors: (error, request, reply) => refuse(ctx, request, reply, error),
  })
  app.decorateRequest('rules', null)
  app.decorateRequest('session', null)
  app.decorateRequest('hasKey', false)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, payload, done) => {
    // Where nothing is, nobody reads the body either.
    if (request.rules === null) done(null)
    else bodies.read(payload, request.rules.bodyBytesMax, done)
  })
  // Every route that is ever added gets the guard, whoever adds it.
  app.addHook('onRoute', (options) => {
    const { rules = null } = (options.config ?? {}) as { readonly rules?: RouteRules }
    options.onRequest = (request, reply, done) => {
      request.rules = rules
      try {
        guard(parts, request, reply)
        done()
      } catch (error) {
        done(error as Error)
      }
    }
  })
  app.setErrorHandler((error, request, reply) => refuse(ctx, request, reply, error))
  app.setNotFoundHandler(async (request, reply) => {
    guard(parts, request, reply)
    const answer = await notFound(addresses, request, fallback)
    if (answer instanceof HttpError) throw answer
    send(reply, answer)
    return reply
  })
  for (const route of routes) register(app, route)
  await app.ready()
  return {
    fastify: app,
    async close() {
      bodies.close()
      await app.close()
    },
  }
}

function register(app: FastifyInstance, route: Route): void {
  const paths = typeof route.path === 'string' ? [route.path] : route.path
  for (const url of paths) {
    app.route({
      method: typeof route.method === 'string' ? [route.method] : [...route.method],
      url,
      config: { rules: route.rules },
      handler: async (request, reply) => {
        const answer = await route.handle(request, reply)
        if (answer !== undefined) send(reply, answer)
        return reply
      },
    })
    if (route.rules.cors && !app.hasRoute({ method: 'OPTIONS', url })) registerPreflight(app, url, route.rules)
  }
}

/** What a page of another origin asks before it sends. */
function registerPreflight(app: FastifyInstance, url: string, of: RouteRules): void {
  app.route({
    method: 'OPTIONS',
    url,
    config: { rules: rules({ scope: 'public', surface: of.surface, cors: true }) },
    handler: (request, reply) => {
      const asked = request.headers['access-control-request-headers']
      const allowed = typeof asked === 'string' && /^[\w\s,-]*$/.test(asked) ? asked : '*'
      reply.header('access-control-allow-methods', 'GET, POST, PUT, DELETE, OPTIONS')
      reply.header('access-control-allow-headers', allowed)
      reply.header('access-control-max-age', String(PREFLIGHT_SECONDS))
      reply.header('vary', 'Access-Control-Request-Headers')
      reply.code(204).send()
    },
  })
}

async function notFound(
  addresses: AddressBook,
  request: FastifyRequest,
  fallback: Fallback,
): Promise<Answer | HttpError> {
  const methods = addresses.methodsOf(pathOf(request))
  if (methods.length > 0) {
    const allow = methods.join(', ')
    return new HttpError('method_not_allowed', `${request.method} is not taken here; use ${allow}`, {
      headers: { allow },
    })
  }
  return (await fallback(request)) ?? new HttpError('not_found', 'Nothing is at this address')
}

/** Writes an answer. */
export function send(reply: FastifyReply, answer: Answer): void {
  if (answer.status !== undefined) reply.code(answer.status)
  if (answer.json !== undefined) {
    reply.header('content-type', 'application/json; charset=utf-8')
    if (answer.headers !== undefined) reply.headers(answer.headers)
    reply.send(printJson(answer.json))
    return
  }
  if (answer.headers !== undefined) reply.headers(answer.headers)
  reply.send(answer.bytes ?? answer.text ?? '')
}

function refuse(ctx: ServerContext, request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  const known = toHttpError(error)
  if (isInternal(known)) {
    ctx.log.error({ err: known.cause, method: request.method, path: pathOf(request) }, 'A request failed')
  }
  const refusal = renderError(known, surfaceOf(request))
  markAnswer(ctx, reply)
  if (mustClose(request)) closeWith(request, reply, refusal)
  else reply.code(refusal.status).headers(refusal.headers).send(refusal.body)
}

/** The rest of the body is too long to be read only to keep the connection. */
function mustClose(request: FastifyRequest): boolean {
  const { raw } = request
  if (raw.complete || !(raw.socket instanceof Socket)) return false
  const length = raw.headers['content-length']
  if (length === undefined) return raw.headers['transfer-encoding'] !== undefined
  return Number(length) > DISCARD_BYTES_MAX
}

function closeWith(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(reply.getHeaders())) headers[name] = String(value)
  reply.hijack()
  // A request that was sent behind another one on the same connection has no turn to answer in yet.
  if (reply.raw.socket === null) request.raw.socket.destroy()
  else refuseSocket(request.raw.socket, { ...refusal, headers: { ...headers, ...refusal.headers } })
}

function surfaceOf(request: FastifyRequest): Surface {
  return request.rules?.surface ?? surfaceOfPath(pathOf(request))
}

/** Which shape an address answers in, also where nothing is. */
export function surfaceOfPath(path: string): Surface {
  if (/^\/(?:api\/)?v2(?:\/|$)/.test(path)) return 'v2'
  return /^\/e(?:\/|$)/.test(path) ? 'ingest' : 'v1'
}

/** The path of a request without its query. */
export function pathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '').split('?', 1)[0] ?? ''
}
