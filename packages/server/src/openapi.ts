// The published description of the API (OpenAPI 3.1), made from the routes and the very schemas that validate them.
import { z } from 'zod'
import type { Route, Scope } from './http/route.ts'
import { SESSION_COOKIE } from './http/sessions.ts'
import { ErrorV1, ErrorV2, EventsSent } from './views/envelope-schemas.ts'

type Json = Record<string, unknown>

/** Builds the document. Only published routes stand in it, and no aliases. */
export function openApi(routes: readonly Route[], version: string): Json {
  const schemas = new Schemas()
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    if (route.doc.state !== 'published') continue
    const path = documentedPath(route).replace(/:(\w+)/g, '{$1}')
    const operations = paths[path] ?? {}
    paths[path] = operations
    for (const [index, method] of methodsOf(route).entries()) {
      operations[method.toLowerCase()] = operation(route, schemas, index === 0 ? '' : method)
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Pawl', version, summary: 'Durable background jobs: send events, read runs, invoke and cancel.' },
    paths,
    components: {
      schemas: schemas.all(),
      securitySchemes: {
        signingKey: { type: 'http', scheme: 'bearer', description: 'The signing key or its hash. Not needed in dev.' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'Of a browser; see signIn.' },
        link: { type: 'apiKey', in: 'query', name: 'token', description: 'Of the one-time link to a request.' },
      },
    },
  }
}

/** `GET /v2/operations`. */
export function operations(routes: readonly Route[]): readonly Json[] {
  return routes
    .filter((route) => route.doc.state === 'published' && documentedPath(route).startsWith('/v2/'))
    .map((route) => ({
      id: route.doc.id,
      summary: route.doc.summary,
      description: route.doc.summary,
      http: { method: methodsOf(route)[0], path: documentedPath(route).replace(/:(\w+)/g, '{$1}') },
      cli: null,
      mcp: null,
    }))
}

function documentedPath(route: Route): string {
  return typeof route.path === 'string' ? route.path : (route.path[0] ?? '')
}

function methodsOf(route: Route): readonly string[] {
  return typeof route.method === 'string' ? [route.method] : route.method
}

function operation(route: Route, schemas: Schemas, suffix: string): Json {
  const { doc, rules, schemas: given } = route
  const body = given.body === undefined ? undefined : content(schemas.of(given.body, 'input'))
  return {
    operationId: doc.id + suffix,
    summary: doc.summary,
    tags: [doc.tag],
    security: securityOf(rules.scope),
    parameters: [...parameters(route, schemas), ...queryParameters(route, schemas)],
    ...(body === undefined ? {} : { requestBody: { required: given.bodyOptional !== true, content: body } }),
    responses: responses(route, schemas),
  }
}

function securityOf(scope: Scope): readonly Json[] {
  if (scope === 'public' || scope === 'event-key') return []
  const usual = [{ signingKey: [] }, { session: [] }]
  return scope === 'signing-key-or-link' ? [...usual, { link: [] }] : usual
}

function parameters(route: Route, schemas: Schemas): Json[] {
  const shape = shapeOf(route.schemas.params)
  const names = [...documentedPath(route).matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
  return names.map((name) => {
    const field = shape[name]
    return {
      name,
      in: 'path',
      required: true,
      schema: field === undefined ? { type: 'string' } : schemas.of(field, 'input'),
    }
  })
}

function queryParameters(route: Route, schemas: Schemas): Json[] {
  return Object.entries(shapeOf(route.schemas.query)).map(([name, field]) => ({
    name,
    in: 'query',
    required: !field.safeParse(undefined).success,
    schema: schemas.of(field, 'input'),
  }))
}

function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> {
  return schema instanceof z.ZodObject ? schema.shape : {}
}

function responses(route: Route, schemas: Schemas): Json {
  const { surface } = route.rules
  const error = { v1: ErrorV1, v2: ErrorV2, ingest: EventsSent }[surface]
  const known = Object.entries(route.schemas.answers ?? { 200: null }).map(([status, schema]) => {
    const description = status.startsWith('2') ? 'Done.' : 'Refused.'
    return [status, schema === null ? { description } : { description, content: content(schemas.of(schema, 'output')) }]
  })
  const refused = { description: 'Refused.', content: content(schemas.of(error, 'output')) }
  return { ...Object.fromEntries(known), default: refused }
}

function content(schema: Json): Json {
  return { 'application/json': { schema } }
}

/** JSON schemas; those with an ID are written once and referred to. */
class Schemas {
  readonly #named = new Map<string, Json>()

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema, $defs, ...own } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      target: 'draft-2020-12',
    }) as Json
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, Json>)) this.#add(name, definition)
    const { id } = own
    if (typeof id !== 'string') return moved(own) as Json
    this.#add(id, own)
    return { $ref: `#/components/schemas/${id}` }
  }

  all(): Json {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #add(name: string, { id: _id, ...definition }: Json): void {
    this.#named.set(name, moved(definition) as Json)
  }
}

/** References point into the document; `#` alone is a schema that refers to itself. */
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string'
        ? member.replace('#/$defs/', '#/components/schemas/')
        : moved(member),
    ])
  return Object.fromEntries(entries)
}
