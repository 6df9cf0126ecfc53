import { expect, test } from 'vitest'
import type { RequestApp } from './app-request.ts'
import { discoverApps } from './discover-apps.ts'

function answering(pages: Readonly<Record<string, Record<string, string>>>, asked: string[] = []): RequestApp {
  const ports = new Set(Object.keys(pages).map((url) => new URL(url).port))
  return async ({ url }) => {
    asked.push(url)
    if (!ports.has(new URL(url).port)) return { kind: 'lost', reason: 'refused', message: 'connection refused' }
    const headers = pages[url]
    return { kind: 'answer', status: headers === undefined ? 404 : 200, headers: headers ?? {}, body: Buffer.alloc(0) }
  }
}

test('an app is known by the SDK in its answer, on any usual port and path', async () => {
  const request = answering({
    'http://localhost:3000/api/inngest': { 'x-inngest-sdk': 'js:v4.24.0' },
    'http://localhost:8787/x/inngest': { 'x-inngest-sdk-handled': 'true' },
    'http://localhost:8080/api/inngest': { server: 'somebody else' },
  })
  expect(await discoverApps({ request, appPort: null, ownPort: 8288 })).toEqual([
    'http://localhost:3000/api/inngest',
    'http://localhost:8787/x/inngest',
  ])
})

test('$PORT is tried too, the own port is not', async () => {
  const asked: string[] = []
  const request = answering({ 'http://localhost:4711/api/inngest': { 'x-inngest-sdk': 'js' } }, asked)
  expect(await discoverApps({ request, appPort: 4711, ownPort: 3000 })).toEqual(['http://localhost:4711/api/inngest'])
  expect(asked.filter((url) => url.includes(':3000/'))).toEqual([])
})

test('a port where nobody listens is asked once', async () => {
  const asked: string[] = []
  await discoverApps({ request: answering({}, asked), appPort: null, ownPort: 8288 })
  expect(new Set(asked.map((url) => new URL(url).host)).size).toBe(asked.length)
})
