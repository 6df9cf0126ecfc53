// What a route is: where it stands, who may call it, what it takes and what it answers. Routes are values in lists, so
// that one place registers, guards and documents them all; the schemas that validate are those that are published.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Caller } from './caller.ts'
import type { Surface } from './http-errors.ts'

/**
 * Who may call a route.
 * - `public`: anyone.
 * - `event-key`: the holder of the event key in the path (dev: any).
 * - `signing-key`: the holder of a signing key (none configured in dev: anyone).
 * - `signing-key-or-link`: as before, or who brings the token of a one-time link in `?token=`; the route judges the token.
 * - `start-signing-key`: as `signing-key`, but anyone in dev, or when the operator opened it.
 * - `dev`: as `signing-key`, and the route exists in dev only.
 */
export type Scope = 'public' | 'event-key' | 'signing-key' | 'signing-key-or-link' | 'start-signing-key' | 'dev'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What the hooks need of a route; stands in fastify's `config`. */
export interface RouteRules {
  readonly scope: Scope
  readonly surface: Surface
  /** Browsers of any origin may call it: the URL or a token is the credential. */
  readonly cors: boolean
  /** Answered in production whatever `Host` says. */
  readonly anyHost: boolean
  readonly bodyBytesMax: number
  /** Takes `Content-Encoding: gzip`. */
  readonly gzip: boolean
  /** Takes bodies of any content type; the others take JSON. */
  readonly anyType: boolean
}

export interface Answer {
  readonly status?: number
  /** Printed as JSON; may hold `RawJson`. */
  readonly json?: unknown
  /** Anything else; needs a `content-type` in `headers`. */
  readonly text?: string
  /** As `text`, for what is bytes already. */
  readonly bytes?: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that has been validated. */
export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly headers: FastifyRequest['headers']
  readonly caller: Caller
  /** Aborts when the caller's connection ends before it was answered. Made when it is asked for. */
  readonly gone: () => AbortSignal
}

/** A route without its types, as the lists hold it. */
export interface Route {
  readonly method: Method | readonly Method[]
  /** The first is the documented one, the others are aliases. */
  readonly path: string | readonly string[]
  readonly rules: RouteRules
  readonly doc: RouteDoc
  readonly schemas: RouteSchemas
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<Answer> | Answer | Promise<undefined>
}

export interface RouteDoc {
  /** Camel case, unique. */
  readonly id: string
  readonly summary: string
  readonly tag: string
  /** Only what is `published` stands in the description; `internal` works without standing there, `not-built` is 501. */
  readonly state: 'published' | 'internal' | 'not-built'
}

export interface RouteSchemas {
  readonly params?: z.ZodType | undefined
  readonly query?: z.ZodType | undefined
  readonly body?: z.ZodType | undefined
  /** A body may be left out. */
  readonly bodyOptional?: boolean | undefined
  /** By status. */
  readonly answers?: Readonly<Record<number, z.ZodType | null>> | undefined
}

const BODY_BYTES_MAX = 1024 * 1024

/** The addresses of a route of v2: it answers under `/api/v2` too. */
export function v2Paths(path: string): readonly [string, string] {
  return [`/v2${path}`, `/api/v2${path}`]
}

/** The parts of `RouteRules` that a route says; the rest are the defaults of its kind. */
export type RulesGiven = Pick<RouteRules, 'scope' | 'surface'> & Partial<RouteRules>

/** Completes a route's rules: no CORS, no other hosts, 1 MiB of JSON, uncompressed. */
export function rules(given: RulesGiven): RouteRules {
  return { cors: false, anyHost: false, bodyBytesMax: BODY_BYTES_MAX, gzip: false, anyType: false, ...given }
}
