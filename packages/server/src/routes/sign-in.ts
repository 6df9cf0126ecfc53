// Signing in and out of the dashboard. A signing key is exchanged for a cookie, so that the page never keeps the key; what
// was wrong with a key is not told, and guessing is slowed down.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { callerOf, isSecure } from '../http/caller.ts'
import { hotRoute, route } from '../http/define-route.ts'
import { FailureLimit } from '../http/failure-limit.ts'
import { HttpError } from '../http/http-errors.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { noCookie, sessionName } from '../http/sessions.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'

const open = { scope: 'public', surface: 'v2', bodyBytesMax: 4 * 1024 } as const
const Nothing = dataV2(z.object({}))

export function signInRoutes(ctx: ServerContext): readonly Route[] {
  const failures = new FailureLimit(() => performance.now())
  return [signInRoute(ctx, failures), signOutRoute(ctx)]
}

function signInRoute(ctx: ServerContext, failures: FailureLimit): Route {
  return route({
    method: 'POST',
    path: v2Paths('/sign-in'),
    rules: open,
    doc: { id: 'signIn', tag: 'Sign-in', summary: 'Exchange a signing key for the cookie of a browser session.' },
    body: z.object({ key: z.string().min(1).max(1_000) }),
    answers: { 200: Nothing },
    handle({ body, caller, headers }) {
      if (ctx.signingKeys.length === 0) {
        throw new HttpError('not_found', 'This server has no signing key: nobody needs to sign in')
      }
      const waitMs = failures.waitMs(caller.address)
      if (waitMs > 0) throw tooMany(waitMs)
      const session = ctx.sessions.open(body.key.trim())
      if (session === undefined) {
        failures.note(caller.address)
        ctx.log.warn({ address: caller.address }, 'A sign-in to the dashboard has failed')
        throw new HttpError('unauthorized', 'Authentication failed')
      }
      ctx.log.info({ address: caller.address, who: sessionName(session) }, 'Signed in to the dashboard')
      return {
        ...answerV2({}, storeNow(ctx)),
        headers: { 'set-cookie': ctx.sessions.cookie(session, isSecure({ headers })), 'cache-control': 'no-store' },
      }
    },
  })
}

function tooMany(waitMs: number): HttpError {
  const seconds = Math.ceil(waitMs / 1_000)
  return new HttpError('too_many_sign_ins', `Too many failed tries from this address; wait ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  })
}

/** Open to everybody, so that a cookie that has ended can be put away too. */
function signOutRoute(ctx: ServerContext): Route {
  return hotRoute({
    method: 'POST',
    path: v2Paths('/sign-out'),
    rules: open,
    doc: { id: 'signOut', tag: 'Sign-in', summary: 'End the browser session.' },
    answers: { 200: Nothing },
    handle(request) {
      const session = ctx.sessions.read(request.headers.cookie)
      if (session !== undefined) {
        ctx.sessions.close(session)
        ctx.live.signedOut(session)
        ctx.log.info({ address: callerOf(request).address, who: sessionName(session) }, 'Signed out of the dashboard')
      }
      return {
        ...answerV2({}, storeNow(ctx)),
        headers: { 'set-cookie': noCookie(isSecure(request)), 'cache-control': 'no-store' },
      }
    },
  })
}
