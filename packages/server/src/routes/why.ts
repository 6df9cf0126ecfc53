// The queue explains itself: why a run does not move, and what became of an event for each function that listens.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { type Route, v2Paths } from '../http/route.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { WhyEventV2, WhyRunV2, whyEventV2, whyRunV2 } from '../views/why-view.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const

export function whyRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: v2Paths('/runs/:runId/why'),
      rules: v2,
      doc: { id: 'getRunWhy', tag: 'Runs', summary: 'Say why a run does not move.' },
      params: z.object({ runId: ulidParameter }),
      answers: { 200: dataV2(WhyRunV2) },
      async handle({ params }) {
        const why = await ctx.engine.why(params.runId)
        if (why === undefined) throw new HttpError('run_not_found', 'Run not found')
        return answerV2(whyRunV2(why), storeNow(ctx))
      },
    }),
    route({
      method: 'GET',
      path: v2Paths('/events/:eventId/why'),
      rules: v2,
      doc: {
        id: 'getEventWhy',
        tag: 'Events',
        summary: 'Say what became of an event, for each function that listens.',
      },
      params: z.object({ eventId: ulidParameter }),
      answers: { 200: dataV2(WhyEventV2) },
      async handle({ params }) {
        const functions = await ctx.engine.whyEvent(params.eventId)
        if (functions === undefined) throw new HttpError('event_not_found', 'Event not found')
        return answerV2(whyEventV2(params.eventId, functions), storeNow(ctx))
      },
    }),
  ]
}
