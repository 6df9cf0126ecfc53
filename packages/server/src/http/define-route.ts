// Makes routes whose path, query and body are validated by their schemas before the handler sees them. Hot routes are
// defined by hand instead (`hotRoute`): they read their bytes themselves and go through no schema.
import { decodeUtf8, parseJson } from '@pawl/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { callerOf } from './caller.ts'
import { HttpError, type Surface } from './http-errors.ts'
import { queryNames } from './query.ts'
import {
  type Answer,
  type Call,
  type Method,
  type Route,
  type RouteDoc,
  type RouteRules,
  type RulesGiven,
  rules,
} from './route.ts'

type DocGiven = Pick<RouteDoc, 'id' | 'summary' | 'tag'> & Partial<RouteDoc>

interface Placed {
  readonly method: Method | readonly Method[]
  readonly path: string | readonly string[]
  readonly rules: RulesGiven
  readonly doc: DocGiven
}

interface Validated<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> extends Placed {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** An empty body counts as `{}`. */
  readonly bodyOptional?: boolean
  readonly answers?: Readonly<Record<number, z.ZodType | null>>
  readonly handle: (call: Call<z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<Answer> | Answer
}

/** Schema of a part that a route does not have. */
type None = z.ZodUndefined

/** Defines a route by its schemas. */
export function route<P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
  given: Validated<P, Q, B>,
): Route {
  const full = rules(given.rules)
  const { params, query, body, bodyOptional, answers } = given
  return {
    ...placed(given, full),
    schemas: { params, query, body, bodyOptional, answers },
    handle: (request, reply) => {
      const { surface } = full
      return given.handle({
        params: check(params, request.params, surface) as z.infer<P>,
        query: check(query, query === undefined ? undefined : queryNames(query, request.query), surface) as z.infer<Q>,
        body: (body === undefined ? undefined : checkBody(given, request, full)) as z.infer<B>,
        headers: request.headers,
        caller: callerOf(request),
        gone: () => goneSignal(reply),
      })
    },
  }
}

interface Hot extends Placed {
  readonly answers?: Readonly<Record<number, z.ZodType | null>>
  /** For the published description only. */
  readonly documented?: { readonly params?: z.ZodType; readonly query?: z.ZodType; readonly body?: z.ZodType }
  readonly handle: Route['handle']
}

/** Defines a route that reads the request itself. */
export function hotRoute(given: Hot): Route {
  const { answers, documented } = given
  return { ...placed(given, rules(given.rules)), schemas: { ...documented, answers }, handle: given.handle }
}

/** The bytes of a request's body; empty when there was none. */
export function bodyBytes(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : EMPTY
}

const EMPTY = new Uint8Array(0)

function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort()
  })
  return gone.signal
}

function placed(given: Placed, full: RouteRules): Pick<Route, 'method' | 'path' | 'rules' | 'doc'> {
  return { method: given.method, path: given.path, rules: full, doc: { state: 'published', ...given.doc } }
}

function checkBody(
  given: { readonly body?: z.ZodType; readonly bodyOptional?: boolean },
  request: FastifyRequest,
  { surface }: RouteRules,
): unknown {
  const bytes = bodyBytes(request)
  const value = bytes.length === 0 && given.bodyOptional === true ? {} : parseJson(decodeUtf8(bytes))
  return check(given.body, value, surface)
}

function check(schema: z.ZodType | undefined, value: unknown, surface: Surface): unknown {
  if (schema === undefined) return undefined
  const outcome = schema.safeParse(value)
  if (outcome.success) return outcome.data
  throw fault(outcome.error, value, surface)
}

/** The first issue as a refusal. A missing field is told apart from a wrong one. */
function fault(error: z.ZodError, value: unknown, surface: Surface): HttpError {
  const issue = firstIssue(error.issues, value)
  const path = (issue?.path ?? []).map(String)
  const missing = issue?.code === 'invalid_type' && path.length > 0 && isAbsent(value, path)
  const name = path.join('.')
  const code = missing && surface === 'v2' ? 'missing_parameter' : 'invalid_parameter'
  const says = missing ? 'is required' : issue === undefined ? 'is not valid' : saysOf(issue)
  return new HttpError(code, `${name === '' ? 'The body' : name} ${says}`, name === '' ? {} : { path: name })
}

/** Of a body that may have one of several forms: what is wrong with the form that it seems to be meant to have. */
function firstIssue(issues: readonly z.core.$ZodIssue[], value: unknown): z.core.$ZodIssue | undefined {
  const [issue] = issues
  if (issue?.code !== 'invalid_union' || issue.path.length > 0) return issue
  const meant = issue.errors.find(([first]) => first !== undefined && !isAbsent(value, first.path.map(String)))
  return firstIssue(meant ?? issue.errors.at(-1) ?? [], value)
}

/** What is wrong, to stand behind the name: the schema's own words where it has some, else ours by the kind of fault. */
function saysOf(issue: z.core.$ZodIssue): string {
  if (/^(?:must|is) /.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be one of ${issue.values.filter((value) => value !== '').join(', ')}`
    case 'too_small':
      return issue.minimum === 1 && issue.origin !== 'number'
        ? 'must not be empty'
        : `must ${amount(issue.origin, `at least ${issue.minimum}`)}`
    case 'too_big':
      return `must ${amount(issue.origin, `at most ${issue.maximum}`)}`
    default:
      return 'is not valid'
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
}

function amount(origin: string, bound: string): string {
  if (origin === 'string') return `have ${bound} characters`
  return origin === 'array' ? `have ${bound} items` : `be ${bound}`
}

function isAbsent(value: unknown, path: readonly string[]): boolean {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return true
    here = (here as Readonly<Record<string, unknown>>)[key]
  }
  return here === undefined
}
