/**
 * One middleware in the form of each SDK line: it puts a value into the context of every body, stamps every event
 * that is sent, and wraps what a step returns. If a hook is lost on the way through the server, a test sees it.
 */
import { Middleware } from 'inngest'
import { InngestMiddleware } from 'inngest3'
import { isFields } from './shapes.ts'

/** What the middleware puts into a body's context as `stamp`, and into the data of sent events. */
export const STAMP = 'stamped'

/** The middleware for version 3. */
export const stampV3 = new InngestMiddleware({
  name: 'stamp',
  init: () => ({
    onFunctionRun: () => ({
      transformInput: () => ({ ctx: { stamp: STAMP } }),
      transformOutput: ({ result, step }) => (step ? { result: { data: wrapped(result.data) } } : undefined),
    }),
    onSendEvent: () => ({
      transformInput: ({ payloads }) => ({
        payloads: payloads.map((payload) => ({ ...payload, data: stamped(payload.data) })),
      }),
    }),
  }),
})

/** The same for version 4. */
export class stampV4 extends Middleware.BaseMiddleware {
  readonly id = 'stamp'

  override transformFunctionInput(input: Middleware.TransformFunctionInputArgs): Middleware.TransformFunctionInputArgs {
    return { ...input, ctx: Object.assign({}, input.ctx, { stamp: STAMP }) }
  }

  override transformSendEvent(input: Middleware.TransformSendEventArgs): Middleware.TransformSendEventArgs {
    return { ...input, events: input.events.map((event) => ({ ...event, data: stamped(event.data) })) }
  }

  override async wrapStepHandler({ next }: Middleware.WrapStepHandlerArgs): Promise<unknown> {
    return wrapped(await next())
  }
}

function stamped(data: unknown): Record<string, unknown> {
  return { ...(isFields(data) ? data : {}), stamp: STAMP }
}

/** Marks the output of a step that returns text; other outputs (IDs of sent events) are left alone. */
function wrapped(output: unknown): unknown {
  return typeof output === 'string' ? `${output}, ${STAMP}` : output
}
