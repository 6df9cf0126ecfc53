// The network between the server and what it calls: requests and answers take time, get lost, come twice or too late.
import type { CallRequest, CallResult, Driver, Gateway, GatewayRequest, GatewayResult } from '@pawl/engine'
import { parseCall } from './call-body.ts'
import type { CallCounts } from './call-counts.ts'
import type { FakeApp } from './fake-app.ts'
import type { JobChecks } from './job-checks.ts'
import type { Ledger } from './ledger.ts'
import type { Life } from './life.ts'
import type { Random } from './random.ts'
import type { AppEnd } from './server.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface NetworkWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly app: () => FakeApp
  readonly ledger: Ledger
  readonly counts: CallCounts
  readonly jobs: JobChecks
  readonly trace: (line: string) => void
  readonly network: () => number
  /** Calls open at the same time, at most. */
  readonly callsMax: number
  readonly report: Report
}

/** How long the server waits for an answer, in milliseconds: a little for the hours of the product. */
const CALL_MS_MAX = 45_000

/** What one server process calls with: both count the same places. */
export function simOutside(world: NetworkWorld, end: AppEnd): { readonly driver: Driver; readonly gateway: Gateway } {
  let open = 0
  const counted = async <T>(call: () => Promise<T>): Promise<T> => {
    open += 1
    if (open > world.callsMax) world.report('CALLS', `${open} calls are open, at most ${world.callsMax} may be`)
    const result = await call()
    open -= 1
    return result
  }
  return {
    driver: {
      call: (request) => counted(() => new Promise((resolve) => call(world, end, request, resolve))),
      close: async () => {},
    },
    // A callback needs no place for a call.
    gateway: {
      fetch: (request) => {
        const runId = request.headers['x-job-run-id']
        const fetch = () =>
          runId === undefined ? fetchPage(world, end.life, request) : callTarget(world, end, { request, runId })
        return request.headers['webhook-id'] === undefined ? counted(fetch) : fetch()
      },
    },
  }
}

function call(world: NetworkWorld, end: AppEnd, request: CallRequest, resolve: (result: CallResult) => void): void {
  const { clock, random, ledger, trace } = world
  const { life } = end
  const parsed = parseCall(request)
  const name = `call ${parsed.ctx.run_id.slice(-6)} ${parsed.slug} ${parsed.target.slice(0, 6) || 'discovery'}`
  trace(`${name} under ${parsed.ctx.qi_id}, attempt ${parsed.ctx.attempt}, ${parsed.stack.length} results`)
  ledger.dispatched(parsed)
  world.counts.sent(parsed)
  end.called(parsed.slug)
  let isOver = false
  const answer = (result: CallResult): void => {
    if (isOver) return
    isOver = true
    cancel()
    if (result.kind === 'lost') ledger.excuse(parsed.ctx.run_id, `a call was lost: ${result.reason}`)
    if (!life.isAlive) return
    const fault = end.pass('after-app-answer')
    if (fault === 'fail') ledger.excuse(parsed.ctx.run_id, 'an answer was lost')
    const arrived: CallResult = fault === 'fail' ? { kind: 'lost', reason: 'reset', message: 'cut off' } : result
    life.deliver(() => {
      world.counts.heard(parsed)
      trace(`${name} came to ${describe(arrived)}`)
      resolve(arrived)
    })
  }
  const cancel = clock.after(CALL_MS_MAX, () => answer({ kind: 'lost', reason: 'timeout', message: 'no answer' }))
  const back = (result: CallResult) => void clock.after(random.between(0.1, 2), () => answer(result))
  const reset = () => back({ kind: 'lost', reason: 'reset', message: 'the connection broke' })
  const deliver = (reply: (result: CallResult) => void) => {
    clock.after(random.between(0.1, 2), () => {
      const app = world.app()
      if (app.isUp) app.receive(request, reply)
      else back({ kind: 'lost', reason: 'unreachable', message: 'nobody listens' })
    })
  }
  if (random.chance(world.network())) {
    const trouble = random.pick(['lost', 'early', 'twice', 'late'] as const)
    trace(`${name} has trouble on its way: ${trouble}`)
    ledger.excuse(parsed.ctx.run_id, `a call was ${trouble}`)
    if (trouble === 'lost') return reset()
    // The server hears that it broke while the app goes on.
    if (trouble === 'early') clock.after(random.between(1, 30), reset)
    if (trouble === 'twice') deliver(() => {})
    if (trouble === 'late') return void clock.after(random.pick([200, 5_000, 50_000]), () => deliver(back))
  }
  deliver(back)
}

function describe(result: CallResult): string {
  if (result.kind === 'lost') return result.reason
  return `${result.raw.status} ${Buffer.from(result.raw.body).toString('utf8').slice(0, 90)}`
}

/** A page that a step fetches through the server. */
async function fetchPage(world: NetworkWorld, life: Life, request: GatewayRequest): Promise<GatewayResult> {
  const { random, network, trace } = world
  await life.wait(random.between(1, 60))
  const isLost = random.chance(network())
  trace(`gateway ${request.url} ${isLost ? 'is lost' : 'answers'}`)
  if (isLost) return { kind: 'lost', reason: 'reset', message: 'the page is gone' }
  return { kind: 'answer', status: random.pick([200, 200, 404]), headers: { server: 'other' }, body: '{"page":1}' }
}

/** The target of a job: a request of which nobody knows whether it has arrived is lost like one that has not. */
async function callTarget(
  world: NetworkWorld,
  { life, pass }: AppEnd,
  { request, runId }: { readonly request: GatewayRequest; readonly runId: string },
): Promise<GatewayResult> {
  const { random, network, trace, jobs } = world
  const trouble = random.chance(network()) ? random.pick(['not sent', 'not answered'] as const) : null
  trace(`job run ${runId.slice(-6)} calls ${request.url}${trouble === null ? '' : `: ${trouble}`}`)
  const answerMs = random.pick([random.between(1, 60), random.between(1, 60), 3_000, 70_000])
  const timeoutMs = request.timeoutMs ?? answerMs
  if (trouble === 'not sent')
    return { kind: 'lost', reason: 'unreachable', fault: 'connect', message: 'nobody listens' }
  jobs.sent(runId)
  await life.wait(Math.min(answerMs, timeoutMs))
  if (answerMs > timeoutMs) return { kind: 'lost', reason: 'timeout', message: 'too slow' }
  if (trouble === 'not answered' || pass('after-app-answer') === 'fail')
    return { kind: 'lost', reason: 'reset', message: 'the connection broke' }
  const status = random.pick([200, 204, 500])
  jobs.answered(runId, status)
  return { kind: 'answer', status, headers: {}, body: 'done', bodyBytes: 4 }
}
