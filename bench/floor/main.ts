// The floor: the least that a durable server does for the same work, to tell what this machine allows right now.
// It takes events, runs and checkpoints over HTTP, writes the same kind of rows with the same fsync, and has no feature at all:
// no validation, matching, flow control, retries, auth, reads or recovery. Never use it for anything but comparing.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PostgresRows } from './postgres-rows.ts'
import { type FloorFunction, isOpcode, Runs } from './runs.ts'
import { SqliteRows } from './sqlite-rows.ts'
import { nextUlid } from './ulid.ts'

const { values: options } = parseArgs({
  // `dev` and `--no-discovery` are taken and ignored, so that the floor can be started like the server it is compared with.
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '8288' },
    'sqlite-dir': { type: 'string', default: '.' },
    'postgres-uri': { type: 'string' },
    'no-discovery': { type: 'boolean' },
  },
})

const postgresUri = options['postgres-uri']
const rows =
  postgresUri === undefined
    ? new SqliteRows(join(options['sqlite-dir'], 'floor.sqlite'))
    : await PostgresRows.open(postgresUri)
const runs = new Runs(rows)
const triggered = new Map<string, FloorFunction[]>()
let lastEventKey = 0

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method !== 'POST') return answer(response, 200, '{"status":200,"message":"OK"}')
  readBody(request, (text) => route(request.url ?? '', JSON.parse(text), response))
})
server.listen(Number(options.port), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))

function route(url: string, body: unknown, response: ServerResponse): void {
  if (url.startsWith('/e/')) ingest(Array.isArray(body) ? body : [body], response)
  else if (url.startsWith('/v1/checkpoint/')) checkpoint(body, response)
  else if (url.startsWith('/fn/register')) register(body, response)
  else answer(response, 404, '{"error":"no such route","status":404}')
}

function ingest(bodies: readonly unknown[], response: ServerResponse): void {
  const at = Date.now()
  const events = bodies.map((each) => {
    const { name, data } = each as { name: string; data?: unknown }
    const ulid = nextUlid(at)
    const body = JSON.stringify({ data: data ?? {}, id: ulid, name, ts: at, user: {} })
    return { key: ++lastEventKey, ulid, name, body, at }
  })
  const started = events.flatMap((event) => (triggered.get(event.name) ?? []).map((fn) => runs.make(fn, event, at)))
  const runRows = started.map(({ key, ulid, fn, eventKey }) => ({ key, ulid, fn: fn.slug, event: eventKey, at }))
  rows.commit({ events, runs: runRows }, () => {
    for (const run of started) runs.call(run)
    answer(response, 200, `{"ids":["${events.map(({ ulid }) => ulid).join('","')}"],"status":200}`)
  })
}

function checkpoint(body: unknown, response: ServerResponse): void {
  const { run_id, qi_id, steps } = body as { run_id: string; qi_id: string; steps: unknown[] }
  runs.checkpoint(run_id, qi_id, steps.filter(isOpcode), (held) => {
    if (held) answer(response, 200, '{"data":{}}')
    else answer(response, 409, '{"error":"stale dispatch","status":409}')
  })
}

function register(body: unknown, response: ServerResponse): void {
  const { functions } = body as { functions: RegisteredFunction[] }
  for (const { id, triggers, steps } of functions) {
    const fn = runs.functionAt(id, new URL(steps.step.runtime.url))
    for (const { event } of triggers) {
      const others = (triggered.get(event) ?? []).filter((other) => other.slug !== id)
      triggered.set(event, [...others, fn])
    }
  }
  answer(response, 200, '{"ok":true,"modified":true}')
}

interface RegisteredFunction {
  readonly id: string
  readonly triggers: readonly { event: string }[]
  readonly steps: { step: { runtime: { url: string } } }
}

function readBody(request: IncomingMessage, onText: (text: string) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () =>
    onText((chunks.length === 1 ? chunks[0] : undefined)?.toString() ?? Buffer.concat(chunks).toString()),
  )
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
