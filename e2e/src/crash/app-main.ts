/**
 * The app of the crash test, as a process that can be killed: the same functions on every SDK, each on the port it is
 * given. What its bodies do and what the server has taken goes into a ledger file, line by line, before it goes on.
 *
 * Arguments: the server's origin, the ledger's file, one port for each SDK.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { SDKS } from '../harness/sdk.ts'
import { at, list, text } from '../harness/shapes.ts'
import { CrashLedger, memoizedSteps } from './crash-ledger.ts'
import { defineCrashFunctions } from './functions.ts'

const [, , server = '', file = '', ...ports] = process.argv
const ledger = new CrashLedger(file)
const current = new AsyncLocalStorage<number>()
let calls = 0

for (const [n, sdk] of SDKS.entries()) {
  const { listener } = sdk.build({ id: `crash-${sdk.slug}`, server, fetch: fetchAndNote }, (kit) =>
    defineCrashFunctions(kit, (runId, step) => ledger.write({ kind: 'begin', call: callNumber(), runId, step })),
  )
  createServer(numbered(listener)).listen(Number(ports[n]), '127.0.0.1')
}

function callNumber(): number {
  return current.getStore() ?? 0
}

/** Gives each call a number, unique over all lives of the app, and writes down which steps the call brings along. */
function numbered(listener: RequestListener): RequestListener {
  return (request, response) => {
    const call = process.pid * 1_000_000 + ++calls
    if (request.method === 'POST')
      onBody(request, (body) => ledger.write({ kind: 'call', call, ...memoizedSteps(body) }))
    current.run(call, () => listener(request, response))
  }
}

/** Reads the body along with the SDK, which takes it from the same events. */
function onBody(request: IncomingMessage, read: (body: unknown) => void): void {
  const chunks: Buffer[] = []
  const emit = request.emit.bind(request)
  request.emit = (name: string, ...values: unknown[]): boolean => {
    if (name === 'data' && Buffer.isBuffer(values[0])) chunks.push(values[0])
    if (name === 'end') read(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    return emit(name, ...values)
  }
}

/** The client's `fetch`: writes down the steps of a checkpoint when the server has taken them. */
async function fetchAndNote(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const answer = await fetch(input, init)
  const url = input instanceof Request ? input.url : String(input)
  const runId = /\/v1\/checkpoint\/([^/]+)\/async$/.exec(url)?.[1]
  if (runId !== undefined && answer.ok) {
    const ran = list(at(JSON.parse(String(init?.body)), 'steps')).filter((step) => at(step, 'op') === 'StepRun')
    ledger.write({ kind: 'ack', call: callNumber(), runId, steps: ran.map((step) => text(at(step, 'id'))) })
  }
  return answer
}
