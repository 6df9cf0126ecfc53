/**
 * The ledger of the crash test: one line for each thing that happened in the app, appended before the app goes on, so
 * that what is in the file happened and what happened is in the file. Read afterwards, it shows bodies that ran although
 * the server had taken their result.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { at, fields, list, number, text } from '../harness/shapes.ts'
import { hashedId } from '../harness/step-id.ts'

/**
 * `call`: a Call Request came, with these steps memoized in it. `begin`: a step's body starts, in that call.
 * `ack`: the server answered a checkpoint of these steps with 2xx, during that call.
 */
export type LedgerEntry =
  | { readonly kind: 'call' | 'ack'; readonly call: number; readonly runId: string; readonly steps: readonly string[] }
  | { readonly kind: 'begin'; readonly call: number; readonly runId: string; readonly step: string }

/** Appends to a ledger file. */
export class CrashLedger {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Returns when the line is with the operating system: a killed process cannot lose it any more. */
  write(entry: LedgerEntry): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`)
  }
}

/** Reads a ledger. A last line that a kill cut short is left out. */
export function readLedger(file: string): readonly LedgerEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.flatMap((line) => {
    try {
      return [readEntry(JSON.parse(line))]
    } catch (error) {
      if (error instanceof SyntaxError) return []
      throw error
    }
  })
}

/**
 * The bodies that must not have run: begun in a call that came after the server had taken the step's result (or after
 * it had done so in that very call). A body in an older call may still begin: its server is dead and nobody listens.
 */
export function repeatedBodies(entries: readonly LedgerEntry[]): readonly string[] {
  const cameAt = new Map<number, number>()
  const taken = new Map<string, { readonly at: number; readonly call: number }[]>()
  const repeated: string[] = []
  for (const [position, entry] of entries.entries()) {
    if (entry.kind === 'begin') {
      const came = cameAt.get(entry.call) ?? 0
      const earlier = taken.get(`${entry.runId} ${hashedId(entry.step)}`) ?? []
      if (earlier.some(({ at: when, call }) => when <= came || call === entry.call)) {
        repeated.push(`line ${position + 1}: ${entry.step} of ${entry.runId} in call ${entry.call}`)
      }
      continue
    }
    if (entry.kind === 'call') cameAt.set(entry.call, position)
    for (const step of entry.steps) {
      const key = `${entry.runId} ${step}`
      taken.set(key, [...(taken.get(key) ?? []).slice(0, 3), { at: position, call: entry.call }])
    }
  }
  return repeated
}

/** The steps that a Call Request brings along. */
export function memoizedSteps(body: unknown): { readonly runId: string; readonly steps: readonly string[] } {
  return { runId: text(at(body, 'ctx', 'run_id')), steps: Object.keys(fields(at(body, 'steps') ?? {})) }
}

function readEntry(value: unknown): LedgerEntry {
  const { kind, call, runId, step, steps } = fields(value)
  const common = { call: number(call), runId: text(runId) }
  if (kind === 'begin') return { kind, ...common, step: text(step) }
  if (kind === 'call' || kind === 'ack') return { kind, ...common, steps: list(steps).map((each) => text(each)) }
  throw new Error(`No such entry: ${String(kind)}`)
}
