import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let document: Record<string, unknown>
beforeAll(async () => {
  server = await startTestServer()
  document = (await server.ask('GET /openapi.json')).json as Record<string, unknown>
})
afterAll(() => server.close())

describe('the description', () => {
  test('is OpenAPI 3.1 with every documented route under its first path', () => {
    expect(document.openapi).toBe('3.1.0')
    const documented = server.routes.filter((route) => route.doc.state === 'published')
    for (const route of documented) {
      const path = ([route.path].flat()[0] ?? '').replace(/:(\w+)/g, '{$1}')
      for (const method of [route.method].flat()) {
        expect(at(document, 'paths', path, method.toLowerCase(), 'operationId'), `${method} ${path}`).toEqual(
          expect.any(String),
        )
      }
    }
    expect(Object.keys(document.paths as object).some((path) => path.startsWith('/api/'))).toBe(false)
  })

  test('holds nothing that is not built', () => {
    for (const route of server.routes.filter((one) => one.doc.state === 'not-built')) {
      const path = ([route.path].flat()[0] ?? '').replace(/:(\w+)/g, '{$1}')
      for (const method of [route.method].flat()) {
        expect(at(document, 'paths', path, method.toLowerCase()), `${method} ${path}`).toBeUndefined()
      }
    }
    expect(at(document, 'paths', '/v2/env/webhooks')).toBeUndefined()
  })

  test('says what each operation answers when it refuses', () => {
    const shape = (path: string, method: string) =>
      at(document, 'paths', path, method, 'responses', 'default', 'content', 'application/json', 'schema', '$ref')
    expect(shape('/e/{key}', 'post')).toBe('#/components/schemas/EventsSent')
    expect(shape('/v1/events', 'get')).toBe('#/components/schemas/ErrorV1')
    expect(shape('/v2/runs', 'get')).toBe('#/components/schemas/ErrorV2')
  })

  test('gives each operation a name of its own', () => {
    const ids = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>)
      .flatMap((operations) => Object.values(operations))
      .map((operation) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('refers only to what it defines', () => {
    const text = JSON.stringify(document)
    const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]))
    expect(references.size).toBeGreaterThan(8)
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\/\w+$/)
      expect(at(document, ...(reference ?? '').slice(2).split('/')), reference).toBeDefined()
    }
  })

  test('names each parameter of a path, and those of the query with their limits', () => {
    for (const [path, operations] of Object.entries(document.paths as Record<string, Record<string, unknown>>)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      for (const operation of Object.values(operations)) {
        const given = (at(operation, 'parameters') as { in: string; name: string }[])
          .filter((one) => one.in === 'path')
          .map((one) => one.name)
        expect(given, path).toEqual(names)
      }
    }
    const parameters = at(document, 'paths', '/v2/runs', 'get', 'parameters') as { name: string; schema: unknown }[]
    expect(parameters.find((one) => one.name === 'limit')?.schema).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: '20 by default.',
    })
    expect(parameters.find((one) => one.name === 'includeOutput')?.schema).toMatchObject({ type: 'boolean' })
    expect(at(document, 'paths', '/v2/runs/{runId}/rerun', 'post', 'requestBody', 'required')).toBe(false)
  })

  test('lists the operations of v2', async () => {
    const answer = await server.ask('GET /v2/operations')
    expect(answer.headers['cache-control']).toBe('public, max-age=300, stale-while-revalidate=3600')
    const operations = at(answer.json, 'data', 'operations') as { id: string; http: unknown }[]
    expect(operations.find((one) => one.id === 'cancelRun')?.http).toEqual({
      method: 'POST',
      path: '/v2/runs/{runId}/cancel',
    })
  })
})
