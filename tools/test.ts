// `npm test`: the checks, the dashboard's build, every test, the simulator and the packed package, one after the other. The last line is
// `N passed, N failed`; the exit code is 0 only when nothing failed and something passed.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from './check.ts'
import { dashboardSizeFits } from './dashboard-size.ts'
import { testFirstRun } from './first-run.ts'
import { freshDashboard } from './fresh-dashboard.ts'
import { testPackedPackage } from './packed-package.ts'
import { ROOT, runProgram, tool } from './run-program.ts'

interface Count {
  readonly passed: number
  readonly failed: number
}

const SEEDS = '2000'

const PARTS: readonly (readonly [string, () => Promise<Count>])[] = [
  ['Checks', checks],
  ['Dashboard', dashboard],
  ['Tests', vitest],
  ['Simulator', simulator],
  ['First run', testFirstRun],
  ['Packed package', testPackedPackage],
]

let passed = 0
let failed = 0
for (const [name, run] of PARTS) {
  process.stdout.write(`\n== ${name}\n`)
  const count = await run().catch(broken)
  passed += count.passed
  failed += count.failed
}
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)

async function checks(): Promise<Count> {
  const results = await check()
  return {
    passed: results.filter((result) => result.passed).length,
    failed: results.filter((result) => !result.passed).length,
  }
}

/** The tests of the page and of the first minute go to what is built here. */
async function dashboard(): Promise<Count> {
  if (!(await freshDashboard())) return { passed: 0, failed: 1 }
  return dashboardSizeFits() ? { passed: 2, failed: 0 } : { passed: 1, failed: 1 }
}

/** Vitest with all projects. A run that ends without a report counts as one failure. */
async function vitest(): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-test-'))
  try {
    const report = join(folder, 'report.json')
    const { code } = await runProgram(
      tool('vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`),
      { echo: true },
    )
    const count = readReport(report)
    // Files that do not load and errors outside of tests are in the exit code only.
    return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(path: string): Count {
  if (!existsSync(path)) return { passed: 0, failed: 0 }
  const report: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const fields: Readonly<Record<string, unknown>> = { ...(typeof report === 'object' ? report : {}) }
  return { passed: Number(fields.numPassedTests ?? 0), failed: Number(fields.numFailedTests ?? 0) }
}

/** Many seeds count as one test. */
async function simulator(): Promise<Count> {
  const file = `${ROOT}packages/testing/src/simulate.ts`
  const { code } = await runProgram([process.execPath, file, '--seeds', SEEDS], { echo: true })
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function broken(error: unknown): Count {
  process.stdout.write(`FAIL ${error instanceof Error ? error.stack : String(error)}\n`)
  return { passed: 0, failed: 1 }
}
