// Answers that are written while they are found: search results line by line, exports as files. What is asked is checked
// before the first byte; what goes wrong later is said in the stream. It stops when the client goes away.
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { route } from '../http/define-route.ts'
import { isInternal, toHttpError } from '../http/from-error.ts'
import { codeOnV2, HttpError } from '../http/http-errors.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'

/** Gives the text in pieces. `isGone` turns true when nobody reads any more. */
export type Pieces = (isGone: () => boolean) => AsyncIterable<string>

export interface Streamed {
  readonly pieces: Pieces
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
}

interface StreamRoute<Query extends z.ZodType> {
  readonly path: string
  readonly doc: { readonly id: string; readonly tag: string; readonly summary: string }
  readonly query: Query
  /** Checks what is asked; throws the refusal. */
  readonly prepare: (query: z.infer<Query>) => Promise<Streamed>
}

/** Each keeps the store busy, and any page of this machine can start one in development. */
const OPEN_MAX = 10

interface StreamAnswer extends Answer {
  readonly streamed: Streamed
}

/** A `GET` of v2 whose answer is a stream. */
export function streamRoute<Query extends z.ZodType>(given: StreamRoute<Query>): Route {
  const plain = route({
    method: 'GET',
    path: v2Paths(given.path),
    rules: { scope: 'signing-key', surface: 'v2' },
    doc: given.doc,
    query: given.query,
    answers: { 200: null },
    handle: async ({ query }): Promise<StreamAnswer> => ({ streamed: await given.prepare(query) }),
  })
  let open = 0
  return {
    ...plain,
    async handle(request, reply): Promise<undefined> {
      if (open >= OPEN_MAX) {
        throw new HttpError('too_many_searches', `${OPEN_MAX} such requests are open; try again when one has ended`)
      }
      open += 1
      const end = (): void => {
        open -= 1
      }
      try {
        const answer = await plain.handle(request, reply)
        if (answer === undefined || !isStreamAnswer(answer)) throw new Error('a stream prepares nothing else')
        send(request, reply, { ...answer.streamed, end })
      } catch (error) {
        end()
        throw error
      }
      return undefined
    },
  }
}

/** Sent here and not by the application: an answer there is a text. `end` is called when the stream has closed. */
function send(request: FastifyRequest, reply: FastifyReply, streamed: Streamed & { readonly end: () => void }): void {
  const { pieces, contentType, headers = {}, end } = streamed
  reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no', 'content-type': contentType, ...headers })
  if (request.method === 'HEAD') {
    end()
    reply.send('')
  } else reply.send(readable(pieces).once('close', end))
}

function isStreamAnswer(answer: Answer): answer is StreamAnswer {
  return 'streamed' in answer
}

function readable(pieces: Pieces): Readable {
  let isGone = false
  const stream = Readable.from(
    pieces(() => isGone),
    { objectMode: false },
  )
  stream.once('close', () => {
    isGone = true
  })
  return stream
}

/** What went wrong, as a line of a stream says it; what nobody foresaw is for the log. */
export function faultOf(ctx: Pick<ServerContext, 'log'>, error: unknown): Readonly<Record<string, unknown>> {
  const known = toHttpError(error)
  if (isInternal(known)) ctx.log.error({ err: known.cause }, 'A stream failed')
  const { path, hint, column } = known.parts
  return { code: codeOnV2(known.code), message: known.message, path, hint, column }
}
