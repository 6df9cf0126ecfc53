// The agent's process: `POST /agents/trading-bot/execute` is what the job calls. It answers 202 as soon as the day has begun;
// how the day ends is told by its session. Next to it the durable function is served, as by any other app.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { Sessions } from '@pawl/sessions'
import { serve } from 'inngest/node'
import { inngest, startDurably, tradingDay } from './durable-agent.ts'
import { PlainAgent } from './plain-agent.ts'
import type { Task } from './session-words.ts'
import { readSettings } from './settings.ts'

/** A trading day, from 09:00 to 17:00. Seconds. */
const ANSWER_WITHIN = 8 * 3_600

const settings = readSettings(process.env)
const { port, pawlUrl, signingKey } = settings
const sessions = new Sessions({ baseUrl: pawlUrl, ...(signingKey === undefined ? {} : { key: signingKey }) })
const plain = new PlainAgent(sessions, settings)
const functions = serve({ client: inngest, functions: [tradingDay(sessions, settings)] })

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://agent')
  if (pathname === '/api/inngest') return void functions(request, response)
  if (pathname === '/healthz') return void response.writeHead(200).end('ok\n')
  if (pathname !== '/agents/trading-bot/execute') return void response.writeHead(404).end()
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end()
  execute(request, response).catch((error: unknown) => answer(response, 502, { error: String(error) }))
})
server.listen(port, '127.0.0.1', () => process.stdout.write(`The agent listens at http://localhost:${port}\n`))

// An agent that waits for its approval would wait for hours.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0))

/** The body may say how to work and for how long to ask: `{"form": "plain" | "durable", "answerWithinSeconds": 28800}`. */
async function execute(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isBearer(request.headers.authorization)) return answer(response, 401, { error: 'Not for you.' })
  const wish = readWish(await text(request))
  if (wish === null) return answer(response, 400, { error: 'form must be plain or durable.' })
  const task = taskOf(request, wish.answerWithinSeconds)
  if (wish.form === 'durable') {
    await startDurably(task)
    return answer(response, 202, { form: 'durable' })
  }
  const session = await plain.begin(task)
  // The server links the session to the call that says this.
  response.setHeader('x-session-id', session.id)
  answer(response, 202, { form: 'plain', sessionId: session.id })
}

interface Wish {
  readonly form: 'plain' | 'durable'
  readonly answerWithinSeconds: number
}

function readWish(body: string): Wish | null {
  const given = body === '' ? {} : parsed(body)
  if (typeof given !== 'object' || given === null) return null
  const { form = 'plain', answerWithinSeconds = ANSWER_WITHIN } = given as Partial<Record<keyof Wish, unknown>>
  if (form !== 'plain' && form !== 'durable') return null
  return typeof answerWithinSeconds === 'number' && answerWithinSeconds > 0 ? { form, answerWithinSeconds } : null
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** The call's own instant counts, not this machine's clock: a slot has the whole day, however late its call comes. */
function taskOf({ headers }: IncomingMessage, answerWithinSeconds: number): Task {
  const jobRunId = one(headers['x-job-run-id']) ?? null
  const at = Date.parse(one(headers['x-job-scheduled-at']) ?? '') || Date.now()
  return {
    sessionKey: `trading-day:${jobRunId ?? randomUUID()}`,
    title: `Trading day ${new Date(at).toISOString().slice(0, 10)}`,
    expiresAt: new Date(at + answerWithinSeconds * 1_000).toISOString(),
    jobRunId,
  }
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function isBearer(header: string | undefined): boolean {
  const hash = (value: string): Buffer => createHash('sha256').update(value).digest()
  return timingSafeEqual(hash(header ?? ''), hash(`Bearer ${settings.token}`))
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
