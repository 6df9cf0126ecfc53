// Payloads of runs and events, one part at a time: pieces for the page, the whole as a file. What is named like a secret
// is hidden unless somebody asks for it by name, and that is logged.
import { hash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { flagParameter } from '../http/query.ts'
import { type Answer, type Call, type Route, v2Paths } from '../http/route.ts'
import { cutPiece, readRange } from '../payload/cut.ts'
import { readEventPart, readRunPart } from '../payload/read-part.ts'
import { answerV2 } from '../views/envelope.ts'
import { dataV2 } from '../views/envelope-schemas.ts'
import { maskJson } from '../views/mask.ts'

const BYTES_USUAL = 256 * 1024
const BYTES_MAX = 10 * 1024 * 1024
/** Above this the event loop gets a turn between reading, hiding and printing. */
const LARGE_CHARACTERS = 512 * 1024

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const bytesParameter = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number)
  .meta({ type: 'integer', minimum: 0, pattern: undefined })
const Whole = z.object({
  part: z.string().max(200),
  reveal: flagParameter.meta({ description: 'Show what is named like a secret. Each time is logged.' }),
})
const Some = Whole.extend({
  from: bytesParameter.optional().meta({ description: 'First byte.' }),
  bytes: bytesParameter
    .refine((bytes) => bytes >= 1 && bytes <= BYTES_MAX, `must be between 1 and ${BYTES_MAX}`)
    .optional()
    .meta({ description: `${BYTES_USUAL} by default, ${BYTES_MAX} at most.` }),
})

const Payload = z
  .object({
    part: z.string(),
    text: z.string().meta({ description: 'JSON text in canonical form, or a piece of it, cut between characters.' }),
    from: z.int(),
    until: z.int(),
    totalBytes: z.int(),
    sha256: z.string().meta({ description: 'Of the whole text as it is shown, in hexadecimal.' }),
    isMasked: z.literal(true).optional().meta({ description: 'Something is hidden; `reveal` shows it.' }),
  })
  .meta({ id: 'Payload' })

const RunParams = z.object({ runId: ulidParameter })
const EventParams = z.object({ eventId: ulidParameter })
type Params = { readonly runId: string } | { readonly eventId: string }

/** Whose payloads: how its address looks and how a part of it is read. */
interface Owner {
  readonly noun: 'run' | 'event'
  readonly tag: string
  readonly notFound: 'run_not_found' | 'event_not_found'
  readonly params: z.ZodType<Params>
  readonly read: (ctx: ServerContext, id: string, part: string) => Promise<string | undefined | null>
}

const OWNERS: readonly Owner[] = [
  { noun: 'run', tag: 'Runs', notFound: 'run_not_found', params: RunParams, read: readRunPart },
  { noun: 'event', tag: 'Events', notFound: 'event_not_found', params: EventParams, read: readEventPart },
]

export function payloadRoutes(ctx: ServerContext): readonly Route[] {
  return OWNERS.flatMap((owner) => [pieceRoute(ctx, owner), fileRoute(ctx, owner)])
}

function pieceRoute(ctx: ServerContext, owner: Owner): Route {
  const [name, path] = addressOf(owner)
  const query = owner.noun === 'event' ? Some.extend({ part: Whole.shape.part.default('event') }) : Some
  return route({
    method: 'GET',
    path: v2Paths(path),
    rules: v2,
    doc: { id: `get${name}Payload`, tag: owner.tag, summary: `Get a part of ${the(owner)}’s payload, piece by piece.` },
    params: owner.params,
    query,
    answers: { 200: dataV2(Payload) },
    async handle(call) {
      const { part, from = 0, bytes: count = BYTES_USUAL } = call.query
      const { text, isMasked } = await readShown(ctx, owner, call)
      const bytes = Buffer.from(text)
      if (from > bytes.length) throw behindEnd(bytes.length)
      const piece = cutPiece(bytes, from, count)
      const data = {
        part,
        text: bytes.toString('utf8', piece.from, piece.until),
        ...piece,
        totalBytes: bytes.length,
        sha256: hash('sha256', bytes),
        isMasked: isMasked ? true : undefined,
      }
      return { ...answerV2(data, storeNow(ctx)), headers: { 'cache-control': 'no-store' } }
    },
  })
}

function fileRoute(ctx: ServerContext, owner: Owner): Route {
  const [name, path] = addressOf(owner)
  const query = owner.noun === 'event' ? Whole.extend({ part: Whole.shape.part.default('event') }) : Whole
  return route({
    method: 'GET',
    path: v2Paths(`${path}/raw`),
    rules: v2,
    doc: { id: `download${name}Payload`, tag: owner.tag, summary: `Download a part of ${the(owner)}’s payload.` },
    params: owner.params,
    query,
    answers: { 200: null, 206: null },
    async handle(call) {
      const { text } = await readShown(ctx, owner, call)
      return fileAnswer(Buffer.from(text), call, `${owner.noun}-${idOf(call.params)}-${call.query.part}`)
    },
  })
}

function addressOf({ noun }: Owner): readonly [name: string, path: string] {
  return noun === 'run' ? ['Run', '/runs/:runId/payload'] : ['Event', '/events/:eventId/payload']
}

function the({ noun }: Owner): string {
  return noun === 'run' ? 'a run' : 'an event'
}

function idOf(params: Params): string {
  return 'runId' in params ? params.runId : params.eventId
}

type Asked = Call<Params, { readonly part: string; readonly reveal?: boolean | undefined }, unknown>

/** The text as the caller may see it. */
async function readShown(
  ctx: ServerContext,
  owner: Owner,
  { params, query, caller }: Asked,
): Promise<{ readonly text: string; readonly isMasked: boolean }> {
  const id = idOf(params)
  const text = await owner.read(ctx, id, query.part)
  if (text === null) throw new HttpError(owner.notFound, owner.noun === 'run' ? 'Run not found' : 'Event not found')
  if (text === undefined) {
    throw new HttpError('payload_not_found', `The ${owner.noun} has no part ${query.part}`, { path: 'part' })
  }
  if (text.length > LARGE_CHARACTERS) await turn()
  const masked = maskJson(text)
  if (masked.text.length > LARGE_CHARACTERS) await turn()
  if (query.reveal !== true || !masked.isMasked) return masked
  const who = { who: caller.name, address: caller.address }
  ctx.log.warn({ ...who, [owner.noun]: id, part: query.part }, 'Hidden values of a payload were shown')
  return { text, isMasked: false }
}

/** A file that a browser saves and never shows as a page; by ranges if asked (RFC 9110, section 14). */
function fileAnswer(bytes: Buffer, { headers }: Asked, name: string): Answer {
  const etag = `"${hash('sha256', bytes)}"`
  const common = {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '-')}.json"`,
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'no-store',
    'accept-ranges': 'bytes',
    etag,
  }
  const condition = headers['if-range']
  const range = condition === undefined || condition === etag ? readRange(headers.range, bytes.length) : null
  if (range === 'unsatisfiable') throw behindEnd(bytes.length)
  if (range === null) return { bytes, headers: common }
  const place = `bytes ${range.from}-${range.until - 1}/${bytes.length}`
  return { status: 206, bytes: bytes.subarray(range.from, range.until), headers: { ...common, 'content-range': place } }
}

function behindEnd(length: number): HttpError {
  return new HttpError('range_not_satisfiable', `The payload has ${length} bytes`, {
    path: 'from',
    headers: { 'content-range': `bytes */${length}` },
  })
}
