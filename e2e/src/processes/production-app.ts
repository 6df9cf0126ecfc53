/**
 * An app in production: an official SDK in cloud mode, with keys and the balancer's address. What its bodies do, and what
 * the servers have taken, is kept in the order in which it happened, so that it can be counted on this side.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestListener } from 'node:http'
import '../harness/one-process.ts'
import * as v4 from 'inngest'
import { serve as serveV4 } from 'inngest/node'
import * as v3 from 'inngest3'
import { serve as serveV3 } from 'inngest3/node'
import { type LedgerEntry, memoizedSteps } from '../crash/crash-ledger.ts'
import { type Served, serveListener } from '../harness/app.ts'
import type { FunctionSpec, RunContext } from '../harness/function-spec.ts'
import { exchange } from '../harness/http.ts'
import { SILENT } from '../harness/sdk.ts'
import { at, list, text } from '../harness/shapes.ts'
import { EVENT_KEY, SIGNING_KEY } from './production.ts'

/** The SDK's line: 4 reports steps while a call goes on, 3 does not. */
export type Line = 3 | 4

/** A call that lost its server. */
export interface Cut {
  readonly runId: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface ProductionApp extends Served {
  readonly id: string
  /** Calls, bodies and acknowledged checkpoints, in order. */
  readonly entries: readonly LedgerEntry[]
  /** Calls whose server was gone before it had the answer. */
  readonly cuts: readonly Cut[]
  /** The name of one of this app's events. */
  event(name: string): string
  /** Asks the app to register with the servers, as a deployment would. */
  register(): Promise<void>
}

/** What the definition of the functions gets. */
export interface ProductionKit {
  /** The app's ID. */
  readonly app: string
  define(spec: FunctionSpec): void
  event(name: string): string
  /** A step whose body is written down when it begins. */
  step<T>(context: RunContext, id: string, body: () => T | Promise<T>): Promise<T>
}

/** Serves an app. It is not registered until `register`. */
export async function serveProductionApp(
  options: { readonly id: string; readonly line: Line; readonly server: string },
  define: (kit: ProductionKit) => void,
): Promise<ProductionApp> {
  const { id } = options
  const entries: LedgerEntry[] = []
  const current = new AsyncLocalStorage<number>()
  const callNumber = (): number => current.getStore() ?? 0
  const event = (name: string): string => `${id}/${name}`
  const specs: FunctionSpec[] = []
  define({
    app: id,
    event,
    define: (spec) => void specs.push(spec),
    step: (context, name, body) =>
      context.step.run(name, () => {
        entries.push({ kind: 'begin', call: callNumber(), runId: context.runId, step: name })
        return body()
      }),
  })
  const listener = build(options, specs, (runId, steps) =>
    entries.push({ kind: 'ack', call: callNumber(), runId, steps }),
  )
  const cuts: Cut[] = []
  let calls = 0
  const served = await serveListener((request, response) => {
    const call = ++calls
    if (request.method === 'POST') {
      onBody(request, (body) => {
        const { runId, steps } = memoizedSteps(body)
        entries.push({ kind: 'call', call, runId, steps })
        response.once('close', () => {
          if (!response.writableFinished) cuts.push({ runId, at: Date.now() })
        })
      })
    }
    current.run(call, () => listener(request, response))
  })
  return { ...served, id, entries, cuts, event, register: () => register(served.url) }
}

type Acknowledged = (runId: string, steps: readonly string[]) => void

function build(
  { id, line, server }: { readonly id: string; readonly line: Line; readonly server: string },
  specs: readonly FunctionSpec[],
  acknowledged: Acknowledged,
): RequestListener {
  const common = { id, baseUrl: server, isDev: false, eventKey: EVENT_KEY, logger: SILENT }
  if (line === 3) {
    const client = new v3.Inngest(common)
    const functions = specs.map(({ triggers, run, ...rest }) => client.createFunction(rest, [...triggers], run))
    return serveV3({ client, functions, signingKey: SIGNING_KEY })
  }
  const client = new v4.Inngest({ ...common, signingKey: SIGNING_KEY, fetch: noting(acknowledged) })
  const functions = specs.map(({ triggers, run, ...rest }) =>
    client.createFunction({ ...rest, triggers: [...triggers] }, run),
  )
  return serveV4({ client, functions })
}

/** The client's `fetch`: notes the steps of a checkpoint when a server has taken them. */
function noting(acknowledged: Acknowledged): typeof fetch {
  return async (input, init) => {
    const answer = await fetch(input, init)
    const url = input instanceof Request ? input.url : String(input)
    const runId = /\/v1\/checkpoint\/([^/]+)\/async$/.exec(url)?.[1]
    if (runId !== undefined && answer.ok) {
      const ran = list(at(JSON.parse(String(init?.body)), 'steps')).filter((step) => at(step, 'op') === 'StepRun')
      acknowledged(
        runId,
        ran.map((step) => text(at(step, 'id'))),
      )
    }
    return answer
  }
}

async function register(url: string): Promise<void> {
  const answer = await exchange(url, { method: 'PUT', headers: { 'x-inngest-server-kind': 'cloud' }, body: { url } })
  if (answer.status !== 200) throw new Error(`${url} could not register: ${answer.status} ${answer.text}`)
}

/** Reads the body along with the SDK, which takes it from the same events. */
function onBody(request: Parameters<RequestListener>[0], read: (body: unknown) => void): void {
  const chunks: Buffer[] = []
  const emit = request.emit.bind(request)
  request.emit = (name: string, ...values: unknown[]): boolean => {
    if (name === 'data' && Buffer.isBuffer(values[0])) chunks.push(values[0])
    if (name === 'end') read(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    return emit(name, ...values)
  }
}
