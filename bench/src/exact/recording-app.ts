// The app of a trial, in the bench's own process: it registers one or two functions, keeps each call open for a while, answers as the
// SDK would, and writes down what it saw. A call counts as open until its body is done, also when its server is gone by then.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { hashed, SDK_HEADERS } from '../apps/answers.ts'
import { monotonicMs } from '../stand/clock.ts'
import type { Call } from './call-log.ts'

const APP = 'bench-exact'

/** A function of a trial. */
export interface FunctionSetup {
  readonly name: string
  readonly event: string
  /** The flow control, as in a Sync Request. */
  readonly config: Readonly<Record<string, unknown>>
  /** Steps of a run: one after the other, or planned all at once. */
  readonly steps: number
  readonly kind: 'sequence' | 'parallel'
  readonly holdMs: number
}

/** A call that has arrived. */
type Arrival = Omit<Call, 'endedAt' | 'endsRun'>

/** Serves and records the functions of one trial. */
export class RecordingApp {
  readonly calls: Call[] = []
  /** Events of which a run has ended. */
  readonly endedEvents = new Set<number>()
  /** Called when a call arrives, and when the answer that ends a run was written. */
  onArrival: ((call: Arrival) => void) | undefined
  onRunEnd: ((call: Call) => void) | undefined
  /** Whether a call may be answered; one that may not is asked about again at each `release`. */
  mayEnd: (call: Arrival) => boolean = () => true
  private readonly functions: readonly FunctionSetup[]
  private readonly server: Server
  private readonly waiting = new Set<() => void>()
  private register: () => Promise<void> = async () => {}
  private opened = 0

  private constructor(functions: readonly FunctionSetup[]) {
    this.functions = functions
    this.server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
      readText(request, (text) => {
        if (request.method === 'POST') this.handle(request, text, response)
        else this.syncAgain(response)
      })
    })
  }

  static async start(functions: readonly FunctionSetup[]): Promise<RecordingApp> {
    const app = new RecordingApp(functions)
    await new Promise<void>((resolve) => app.server.listen(0, '127.0.0.1', resolve))
    return app
  }

  /** Calls that are open now. */
  get open(): number {
    return this.opened
  }

  /** Registers with a server, now and whenever any server asks. */
  async registerWith(server: string): Promise<void> {
    this.register = async () => {
      const body = JSON.stringify(this.registration())
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${server}/fn/register`, { method: 'POST', headers, body })
      if (!response.ok) throw new Error(`/fn/register answered ${response.status}: ${await response.text()}`)
    }
    await this.register()
  }

  /** Forgets what it has seen so far. */
  forget(): void {
    this.calls.length = 0
    this.endedEvents.clear()
  }

  /** Looks again at the calls that could not be answered. */
  release(): void {
    for (const end of [...this.waiting]) end()
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    await closed
  }

  private handle(request: IncomingMessage, text: string, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://app')
    const name = url.searchParams.get('fnId')?.slice(APP.length + 1)
    const setup = this.functions.find((fn) => fn.name === name)
    if (setup === undefined) return answer(response, 500, { name: 'Error', message: `no function ${name}` })
    const body = JSON.parse(text) as CallBody
    const call: Arrival = {
      fn: setup.name,
      run: body.ctx.run_id,
      step: url.searchParams.get('stepId') ?? 'step',
      stepsDone: body.ctx.stack.stack.length,
      events: body.events.map(({ data }) => data.number),
      key: body.events[0]?.data.key ?? 0,
      arrivedAt: monotonicMs(),
    }
    this.opened += 1
    this.onArrival?.(call)
    setTimeout(() => this.end(setup, call, response), setup.holdMs)
  }

  private end(setup: FunctionSetup, call: Arrival, response: ServerResponse): void {
    if (!this.mayEnd(call)) {
      const again = () => {
        this.waiting.delete(again)
        this.end(setup, call, response)
      }
      this.waiting.add(again)
      return
    }
    const body = answerOf(setup, call)
    const isLast = body === 'done'
    const ended: Call = { ...call, endedAt: monotonicMs(), endsRun: isLast }
    this.opened -= 1
    this.calls.push(ended)
    if (isLast) for (const event of call.events) this.endedEvents.add(event)
    answer(response, isLast ? 200 : 206, body)
    if (isLast) this.onRunEnd?.(ended)
  }

  private registration(): Record<string, unknown> {
    const address = this.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const url = `http://127.0.0.1:${port}/api/inngest`
    const functions = this.functions.map(({ name, event, config }) => {
      const id = `${APP}-${name}`
      const runtime = { type: 'http', url: `${url}?fnId=${id}&stepId=step` }
      return { id, name, triggers: [{ event }], steps: { step: { id: 'step', name: 'step', runtime } }, ...config }
    })
    const about = { deployType: 'ping', framework: 'nodejs', appName: APP, sdk: 'js:v4.24.0', v: '0.1' }
    return { url, ...about, functions, capabilities: { trust_probe: 'v1', connect: 'v1' } }
  }

  private syncAgain(response: ServerResponse): void {
    const reply = () => {
      response.writeHead(200, [...SDK_HEADERS, 'x-inngest-sync-kind', 'out_of_band'])
      response.end('{"message":"Successfully registered","modified":false}')
    }
    this.register().then(reply, reply)
  }
}

/** The parts of a Call Request that are read; the bench sends the events itself. */
interface CallBody {
  readonly events: readonly { readonly data: { readonly number: number; readonly key: number } }[]
  readonly ctx: {
    readonly run_id: string
    readonly stack: { readonly stack: readonly string[] }
  }
}

function answerOf({ kind, steps }: FunctionSetup, { step, stepsDone }: Arrival): unknown {
  if (step !== 'step') return [{ ...opcode('StepRun', step), data: null }]
  if (stepsDone >= steps) return 'done'
  if (kind === 'sequence') return [{ ...opcode('StepRun', hashed(`step-${stepsDone}`)), data: stepsDone }]
  return Array.from({ length: steps }, (_, index) => opcode('StepPlanned', hashed(`step-${index}`)))
}

function opcode(op: string, id: string): Record<string, unknown> {
  return { op, id, name: id, displayName: id, opts: {}, userland: { id } }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, SDK_HEADERS)
  response.end(JSON.stringify(body))
}

function readText(request: IncomingMessage, onText: (text: string) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => onText(Buffer.concat(chunks).toString()))
}
