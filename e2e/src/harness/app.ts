/**
 * An app in the test process: an SDK's own request handler on a port of its own, with every call it got written down.
 * The record is taken from the sockets' side, so that it shows what the server really sent and what it really got.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { exchange } from './http.ts'
import { Ledger } from './ledger.ts'
import type { AppOptions, Built, Kit, Sdk } from './sdk.ts'
import { at, number, text } from './shapes.ts'

/** One Call Request and its answer. */
export interface Call {
  readonly runId: string
  readonly functionId: string
  /** `step` for a discovery, else the hashed ID of the step that was asked for. */
  readonly stepId: string
  readonly attempt: number
  /** The parsed body of the request. */
  readonly request: unknown
  /** Epoch milliseconds. */
  readonly at: number
  /** 0 until the answer has been sent. */
  status: number
  answer: string
}

/** A served app. */
export interface App extends Served {
  readonly id: string
  readonly sdk: Sdk
  readonly ledger: Ledger
  /** Sends an event with the SDK's client. */
  readonly send: Built['send']
  /** The name of one of this app's events. */
  event(name: string): string
}

/** A request handler on a port, with its calls written down. */
export interface Served {
  /** The serve URL. */
  readonly url: string
  readonly calls: readonly Call[]
  /** The calls of one run, in order. */
  callsOf(runId: string): readonly Call[]
  /** Asks the app to register with its server, as an operator would. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** How an app is served. */
export interface Serving extends AppOptions {
  readonly port?: number
}

/** Serves an app. It is not registered until `sync` (or the server's own polling) does it. */
export async function serveApp(sdk: Sdk, options: Serving, define: (kit: Kit, ledger: Ledger) => void): Promise<App> {
  const ledger = new Ledger()
  const built = sdk.build(options, (kit) => define(kit, ledger))
  const served = await serveListener(built.listener, options.port)
  return { ...served, id: options.id, sdk, ledger, send: built.send, event: (name) => `${options.id}/${name}` }
}

/** Puts an SDK's request handler on a port of the loopback interface. */
export async function serveListener(listener: RequestListener, port = 0): Promise<Served> {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    if (request.method === 'POST') record(request, response, calls)
    listener(request, response)
  })
  const url = await listen(server, port)
  return {
    url,
    calls,
    callsOf: (runId) => calls.filter((call) => call.runId === runId),
    sync: () => syncApp(url),
    close: () => closeServer(server),
  }
}

/** Serves the same functions with every SDK and registers each. IDs are `<name>-<sdk>`. */
export async function serveOnEachSdk(
  sdks: readonly Sdk[],
  options: Omit<Serving, 'port'>,
  define: (kit: Kit, ledger: Ledger) => void,
): Promise<ReadonlyMap<Sdk, App>> {
  const apps = await Promise.all(
    sdks.map((sdk) => serveApp(sdk, { ...options, id: `${options.id}-${sdk.slug}` }, define)),
  )
  await Promise.all(apps.map((app) => app.sync()))
  return new Map(apps.map((app) => [app.sdk, app]))
}

/** Sends the PUT that makes an SDK register its functions. */
export async function syncApp(url: string): Promise<void> {
  const answer = await exchange(url, { method: 'PUT', headers: { 'x-inngest-server-kind': 'dev' }, body: { url } })
  if (answer.status !== 200) throw new Error(`${url} could not register: ${answer.status} ${answer.text}`)
}

/** Listens on the loopback interface and gives the URL under which SDKs are served by convention. */
export async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('No address')
  return `http://127.0.0.1:${address.port}/api/inngest`
}

/** Closes a server and every connection that it still has. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Reads both bodies along with the SDK. The SDK reads the request by its events, so the record listens in on them. */
function record(request: IncomingMessage, response: ServerResponse, calls: Call[]): void {
  const sent: Buffer[] = []
  const emit = request.emit.bind(request)
  let call: Call | undefined
  request.emit = (name: string, ...values: unknown[]): boolean => {
    if (name === 'data' && Buffer.isBuffer(values[0])) sent.push(values[0])
    if (name === 'end') {
      call = readCall(request, Buffer.concat(sent).toString('utf8'))
      if (call) calls.push(call)
    }
    return emit(name, ...values)
  }
  const end = response.end.bind(response)
  response.end = ((chunk?: unknown) => {
    if (call) Object.assign(call, { status: response.statusCode, answer: String(chunk ?? '') })
    return chunk === undefined ? end() : end(chunk)
  }) as typeof response.end
}

function readCall(request: IncomingMessage, body: string): Call | undefined {
  const query = new URL(request.url ?? '', 'http://app').searchParams
  if (query.has('probe')) return undefined
  const parsed: unknown = JSON.parse(body)
  return {
    runId: text(at(parsed, 'ctx', 'run_id')),
    functionId: query.get('fnId') ?? '',
    stepId: query.get('stepId') ?? '',
    attempt: number(at(parsed, 'ctx', 'attempt')),
    request: parsed,
    at: Date.now(),
    status: 0,
    answer: '',
  }
}
