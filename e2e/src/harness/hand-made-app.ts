/**
 * An app without an SDK: it registers by hand and answers Call Requests with whatever a test gives it, down to the
 * bytes. It is how tests show the server answers that no SDK gives, or thousands of calls that no SDK would be fast for.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closeServer, listen } from './app.ts'
import { exchange } from './http.ts'
import { at, text } from './shapes.ts'

/** A Call Request as the hand-made app sees it. */
export interface HandMadeCall {
  readonly functionId: string
  readonly stepId: string
  readonly runId: string
  readonly attempt: number
  readonly body: unknown
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** An answer in parts. `headers` replace the ones that an SDK would send. */
export interface HandMadeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What answers a call: an answer, or `undefined` when it has dealt with the response by itself. */
export type Answering = (call: HandMadeCall) => HandMadeAnswer | undefined | Promise<HandMadeAnswer | undefined>

/** One function of a hand-made app; further configuration goes out as it is. */
export interface HandMadeFunction {
  readonly id: string
  readonly answer: Answering
  readonly retries?: number
  readonly triggers?: readonly object[]
  readonly config?: object
}

/** The headers by which a server knows an SDK's answer. */
export const SDK_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'x-inngest-sdk': 'inngest-js:v4.24.0',
  'x-inngest-req-version': '2',
}

/** A served hand-made app. */
export interface HandMadeApp {
  readonly id: string
  readonly url: string
  readonly calls: readonly HandMadeCall[]
  callsOf(runId: string): readonly HandMadeCall[]
  event(functionId: string): string
  register(): Promise<void>
  close(): Promise<void>
}

/** Serves and registers an app. A function without triggers listens to `<app>/<function>`. */
export async function serveByHand(
  server: string,
  id: string,
  functions: readonly HandMadeFunction[],
): Promise<HandMadeApp> {
  const calls: HandMadeCall[] = []
  const byId = new Map(functions.map((each) => [`${id}-${each.id}`, each]))
  const listener = createServer(async (request, response) => {
    const call = await readCall(request, response)
    if (call === undefined) return void response.writeHead(200, SDK_HEADERS).end('{}')
    calls.push(call)
    const answer = await byId.get(call.functionId)?.answer(call)
    if (answer) respond(response, answer)
  })
  const url = await listen(listener, 0)
  const app: HandMadeApp = {
    id,
    url,
    calls,
    callsOf: (runId) => calls.filter((call) => call.runId === runId),
    event: (functionId) => `${id}/${functionId}`,
    register: () => register(server, url, { id, functions }),
    close: () => closeServer(listener),
  }
  await app.register()
  return app
}

/** An opcode as SDKs report it. */
export function op(name: string, stepId: string, rest: object = {}): object {
  return { op: name, id: stepId, name: stepId, displayName: stepId, ...rest }
}

function respond(response: ServerResponse, answer: HandMadeAnswer): void {
  const { status, headers = SDK_HEADERS, body = '' } = answer
  const raw = typeof body === 'string' || Buffer.isBuffer(body)
  response.writeHead(status, headers)
  response.end(raw ? body : JSON.stringify(body))
}

async function register(
  server: string,
  url: string,
  app: Pick<HandMadeApp, 'id'> & { functions: readonly HandMadeFunction[] },
): Promise<void> {
  const functions = app.functions.map(({ id, triggers, retries, config }) => ({
    id: `${app.id}-${id}`,
    name: id,
    triggers: triggers ?? [{ event: `${app.id}/${id}` }],
    steps: {
      step: {
        id: 'step',
        name: 'step',
        runtime: { type: 'http', url: `${url}?fnId=${app.id}-${id}&stepId=step` },
        retries: { attempts: retries ?? 1 },
      },
    },
    ...config,
  }))
  const body = {
    url,
    deployType: 'ping',
    framework: 'hand-made',
    appName: app.id,
    sdk: 'js:v4.24.0',
    v: '0.1',
    functions,
  }
  const answer = await exchange(`${server}/fn/register`, { body })
  if (answer.status !== 200) throw new Error(`Could not register ${app.id}: ${answer.status} ${answer.text}`)
}

async function readCall(request: IncomingMessage, response: ServerResponse): Promise<HandMadeCall | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  if (request.method !== 'POST') return undefined
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  const query = new URL(request.url ?? '', 'http://app').searchParams
  return {
    functionId: query.get('fnId') ?? '',
    stepId: query.get('stepId') ?? '',
    runId: text(at(body, 'ctx', 'run_id')),
    attempt: Number(at(body, 'ctx', 'attempt')),
    body,
    request,
    response,
  }
}
