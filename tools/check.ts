// `npm run check`: format, lint, types, what is unused, boundaries, stale pages; then the numbers beside their aims.
// Everything that a reviewer would otherwise have to look for by hand.
import { boundaryFaults } from './boundaries.ts'
import { deadLinks, stalePages } from './docs.ts'
import { ROOT, runProgram, tool } from './run-program.ts'
import { reportText } from './size-report.ts'

export interface CheckResult {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
}

type Step = readonly [name: string, run: () => Promise<string | null>]

const STEPS: readonly Step[] = [
  [
    'format and lint',
    () => program(tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '.')),
  ],
  ['types', () => program(tool('typescript/bin/tsc', '-b', ROOT, `${ROOT}tools`))],
  ['unused code', () => program(tool('knip/bin/knip.js', '--no-progress'))],
  ['boundaries', async () => textOf(boundaryFaults())],
  ['links', async () => textOf(deadLinks())],
  ['generated pages', async () => textOf(stalePages().map((path) => `${path} is stale: run \`node tools/docs.ts\``))],
]

/** Runs all checks, prints what fails, and the numbers. */
export async function check(): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const [name, run] of STEPS) {
    const began = performance.now()
    const fault = await run().catch((error: unknown) => String(error instanceof Error ? error.stack : error))
    const seconds = (performance.now() - began) / 1_000
    process.stdout.write(
      `${fault === null ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)\n${fault === null ? '' : `${fault.trimEnd()}\n`}`,
    )
    results.push({ name, passed: fault === null, seconds })
  }
  process.stdout.write(`\nThe sources beside what we aim for:\n${reportText()}\n`)
  return results
}

async function program(command: [string, ...string[]]): Promise<string | null> {
  const { code, output } = await runProgram(command)
  return code === 0 ? null : output
}

function textOf(faults: readonly string[]): string | null {
  return faults.length === 0 ? null : faults.map((fault) => `  ${fault}`).join('\n')
}

if (import.meta.main) {
  const results = await check()
  process.exitCode = results.every(({ passed }) => passed) ? 0 : 1
}
