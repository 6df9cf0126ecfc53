// `npm run simulate -- --seeds 2000 [--from N] [--seed N] [--verbose]`: lives through many seeded worlds, on every core,
// and ends with one line `N passed, N failed`. A world that breaks a promise is told with its seed, the promise and the
// trace; `--seed N --verbose` shows it whole.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { DiskFolder } from './disk.ts'
import { POINTS, type Point } from './points.ts'
import { runSeed, type SeedResult } from './run-seed.ts'

/** Seeds that a thread takes at a time. */
const SHARE = 10
/** Worlds whose trace is printed; of the others one line tells enough. */
const TRACES_MAX = 3
/** Lines of a trace that are printed without `--verbose`. */
const LINES_MAX = 60
/** Every named point must be met by one seed in a hundred, as soon as there are enough seeds to tell. */
const POINT_SHARE = 0.01
const POINT_SEEDS_MIN = 500

interface Totals {
  readonly failed: SeedResult[]
  readonly met: Map<Point, number>
  passed: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  })
  if (values.seed !== undefined) return showSeed(wholeNumber('seed', values.seed), values.verbose)
  const began = performance.now()
  const from = wholeNumber('from', values.from)
  const totals = await runAll(from, from + wholeNumber('seeds', values.seeds))
  const faults = [...totals.failed.map(failureText), ...missedPoints(totals)]
  for (const fault of faults) print(fault)
  print(`${((performance.now() - began) / 1_000).toFixed(1)} s`)
  print(`${totals.passed} passed, ${faults.length} failed`)
  process.exitCode = faults.length === 0 && totals.passed > 0 ? 0 : 1
}

async function showSeed(seed: number, verbose: boolean): Promise<void> {
  const folder = new DiskFolder()
  const result = await runSeed(folder, seed, { verbose }).finally(() => folder.remove())
  if (verbose || result.violation !== null) print(result.trace.join('\n'))
  print(
    `seed ${seed}: ${result.violation === null ? 'sound' : `${result.violation.invariant}: ${result.violation.says}`}`,
  )
  print(`trace ${result.hash}: ${result.runs} runs, ${result.calls} calls, ${result.groups} commits`)
  print(result.violation === null ? '1 passed, 0 failed' : '0 passed, 1 failed')
  process.exitCode = result.violation === null ? 0 : 1
}

/** Runs the seeds from `first` up to, not including, `end`; each thread takes a share, and comes back for another. */
async function runAll(first: number, end: number): Promise<Totals> {
  const totals: Totals = { failed: [], met: new Map(), passed: 0 }
  let next = first
  const share = () => {
    const from = next
    next = Math.min(end, next + SHARE)
    return from < next ? { from, until: next } : null
  }
  const threads = Math.min(availableParallelism(), Math.ceil((end - first) / SHARE))
  await Promise.all(Array.from({ length: threads }, () => runThread(share, (result) => count(totals, result))))
  totals.failed.sort((a, b) => a.seed - b.seed)
  return totals
}

interface Share {
  readonly from: number
  readonly until: number
}

function runThread(share: () => Share | null, tell: (result: SeedResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url))
    let left = 0
    const hand = () => {
      const seeds = share()
      left = seeds === null ? 0 : seeds.until - seeds.from
      worker.postMessage(seeds)
    }
    worker.on('message', (result: SeedResult) => {
      tell(result)
      left -= 1
      if (left === 0) hand()
    })
    worker.on('error', reject)
    worker.on('exit', () => resolve())
    hand()
  })
}

/** In a thread: lives through each share that comes, until none comes. */
function work(): void {
  const folder = new DiskFolder()
  parentPort?.on('message', async (seeds: Share | null) => {
    if (seeds === null) {
      folder.remove()
      parentPort?.close()
      return
    }
    for (let seed = seeds.from; seed < seeds.until; seed++) {
      const result = await runSeed(folder, seed)
      parentPort?.postMessage(result.violation === null ? { ...result, trace: [] } : result)
    }
  })
}

function count(totals: Totals, result: SeedResult): void {
  if (result.violation === null) totals.passed += 1
  else totals.failed.push(result)
  for (const point of result.met.keys()) totals.met.set(point, (totals.met.get(point) ?? 0) + 1)
}

function failureText(result: SeedResult, index: number): string {
  const { seed, violation, trace } = result
  const head = `FAIL seed ${seed}: ${violation?.invariant}: ${violation?.says}`
  if (index >= TRACES_MAX) return head
  const lines = trace.slice(-LINES_MAX).map((line) => `  ${line}`)
  return `${head}\n${lines.join('\n')}\n  again: npm run simulate -- --seed ${seed} --verbose`
}

/** Points that too few seeds met: what is not met is not tested. */
function missedPoints(totals: Totals): readonly string[] {
  const seeds = totals.passed + totals.failed.length
  if (seeds < POINT_SEEDS_MIN) return []
  return POINTS.filter((point) => (totals.met.get(point) ?? 0) < seeds * POINT_SHARE).map(
    (point) => `FAIL point ${point}: a fault was met there by ${totals.met.get(point) ?? 0} of ${seeds} seeds`,
  )
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0`)
  return number
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

if (isMainThread) await main()
else work()
