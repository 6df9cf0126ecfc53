// What the app itself sees of concurrency: the calls that it is working on, by each limit that covers them. It is counted
// here and not read from the store, for the store's word is what is tried.
//
// A call counts from its arrival until the app has answered or its server has heard that it is over. One that its server
// has left (it died, or was stopped for longer than a lease) counts until the same work is begun again or its run is over:
// the slot belongs to the work, and passes to the new call.
import type { ParsedCall } from './call-body.ts'
import { keyValue } from './flow-rules.ts'
import type { Mirror } from './mirror.ts'
import { type SimFunction, slugOf } from './sim-function.ts'
import type { Report } from './violation.ts'

interface Rule {
  readonly limit: number
  readonly key: string | null
  readonly scope: string
  readonly counts: 'steps' | 'runs'
}

interface OpenCall {
  readonly runId: string
  /** Under which lease. */
  readonly lease: string
  readonly counters: readonly { readonly name: string; readonly limit: number }[]
}

export class CallCounts {
  readonly #mirror: Mirror
  readonly #report: Report
  /** By run and step. */
  readonly #open = new Map<string, OpenCall>()
  /** Calls that are over for their servers, by lease: one that arrives later is nobody's. */
  readonly #heard = new Set<string>()
  /** The newest call of each item: one that was sent before it and arrives after it is nobody's either. */
  readonly #newest = new Map<string, number>()
  /** Runs that have begun, by counters of whole runs. */
  readonly #runs = new Map<string, OpenCall>()
  /** Rules that a function ever had. */
  readonly #rules = new Map<string, Set<string>>()
  /** The greatest limit that a rule ever had: a lowered one is reached as slots are freed. */
  readonly #limits = new Map<string, number>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** The app is deployed with these functions. */
  deployed(functions: readonly SimFunction[]): void {
    for (const fn of functions) {
      const now = new Map(rulesOf(fn).map((rule) => [ruleName(fn, rule), rule.limit]))
      const before = this.#rules.get(fn.id) ?? new Set()
      this.#rules.set(fn.id, before)
      for (const name of [...now.keys()]) before.add(name)
      // A rule that was taken off for a while lets everybody in.
      for (const name of before)
        this.#limits.set(name, Math.max(now.get(name) ?? Number.POSITIVE_INFINITY, this.#limits.get(name) ?? 0))
    }
  }

  /** A server sends a call: the one before it of the same item is nobody's any more, whether or not this one arrives. */
  sent({ ctx }: ParsedCall): void {
    if (this.#isNobodys(ctx.qi_id)) return
    const [item = ''] = ctx.qi_id.split('.')
    for (const [name, { lease }] of this.#open)
      if (lease !== ctx.qi_id && lease.startsWith(`${item}.`)) this.#open.delete(name)
  }

  /** The app begins to work on a call. @returns what ends that. */
  begins(call: ParsedCall, fn: SimFunction): () => void {
    const runId = call.ctx.run_id
    const name = `${runId} ${call.target}`
    if (this.#isNobodys(call.ctx.qi_id)) return () => {}
    const own: OpenCall = { runId, lease: call.ctx.qi_id, counters: this.#counters(call, fn, 'steps') }
    // The same work again: the call before it is nobody's any more.
    this.#open.set(name, own)
    this.#check(own, this.#open)
    const whole = this.#counters(call, fn, 'runs')
    if (whole.length > 0 && !this.#runs.has(runId)) {
      const run: OpenCall = { runId, lease: call.ctx.qi_id, counters: whole }
      this.#runs.set(runId, run)
      this.#check(run, this.#runs)
    }
    return () => {
      if (this.#open.get(name) === own) this.#open.delete(name)
    }
  }

  /** The server that sent the call has heard what came of it. */
  heard({ ctx, target }: ParsedCall): void {
    const name = `${ctx.run_id} ${target}`
    this.#heard.add(ctx.qi_id)
    if (this.#open.get(name)?.lease === ctx.qi_id) this.#open.delete(name)
  }

  #isNobodys(lease: string): boolean {
    const [item = '', epoch = ''] = lease.split('.')
    const newest = this.#newest.get(item) ?? 0
    this.#newest.set(item, Math.max(newest, Number(epoch)))
    return this.#heard.has(lease) || Number(epoch) < newest
  }

  #counters({ event }: ParsedCall, fn: SimFunction, counts: Rule['counts']): OpenCall['counters'] {
    return rulesOf(fn)
      .filter((rule) => rule.counts === counts)
      .map((rule) => {
        const group = ruleName(fn, rule)
        const shared = rule.scope === 'fn' ? group : `${rule.scope} ${rule.key}`
        const limit = Math.max(rule.limit, this.#limits.get(group) ?? 0)
        return { name: `${shared} ${keyValue(rule.key, event.data)}`, limit }
      })
  }

  #check(own: OpenCall, among: Map<string, OpenCall>): void {
    if (this.#isOver(own.runId)) return
    for (const [name, { runId }] of among) if (this.#isOver(runId)) among.delete(name)
    for (const { name } of own.counters) {
      // Functions that share a limit have numbers of their own; who has the greatest may come last.
      const limits: number[] = []
      for (const { counters } of among.values())
        for (const counter of counters) if (counter.name === name) limits.push(counter.limit)
      const limit = Math.max(...limits)
      if (limits.length > limit)
        this.#report('I8', `the app works on ${limits.length} calls of ${name}, at most ${limit} may be`)
    }
  }

  /** A run that is cancelled may still have a call out, which nobody waits for. */
  #isOver(runId: string): boolean {
    const run = this.#mirror.runsById.get(runId)
    return run === undefined || run.row.endedAt !== null
  }
}

function ruleName(fn: SimFunction, { counts, key, scope }: Rule): string {
  return `${slugOf(fn)} ${counts} ${scope} ${key}`
}

/** A function's rules as its author has written them. */
function rulesOf({ config: { concurrency } }: SimFunction): readonly Rule[] {
  if (concurrency === undefined) return []
  const lists = concurrency as { readonly fn?: readonly object[]; readonly step?: readonly object[] }
  if (Array.isArray(lists.fn) || Array.isArray(lists.step))
    return [...(lists.fn ?? []).map((rule) => toRule(rule, 'runs')), ...(lists.step ?? []).map((rule) => toRule(rule))]
  return (Array.isArray(concurrency) ? concurrency : [concurrency]).map((rule: unknown) => toRule(rule))
}

function toRule(written: unknown, counts: Rule['counts'] = 'steps'): Rule {
  if (typeof written === 'number') return { limit: written, key: null, scope: 'fn', counts }
  const { limit = 1_000, key = null, scope = 'fn' } = written as Partial<Rule>
  return { limit, key, scope, counts }
}
