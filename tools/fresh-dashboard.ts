// Makes sure that the dashboard is built from the sources as they are: before `npm start`, `npm run pawl` and the tests.
// A few seconds when something has changed, nothing otherwise.
import { globSync, statSync } from 'node:fs'
import { ROOT, runProgram } from './run-program.ts'

const HOME = `${ROOT}packages/dashboard`
/** All that the build reads. Folders count too: a file that is gone leaves its mark there. */
const SOURCES = ['src', 'src/**', 'build/**', 'public/**', 'index.html', 'vite.config.ts', 'package.json']

/** Builds it if need be. Says so in one line, and in another one when that fails: the server runs without its page too. */
export async function freshDashboard(): Promise<boolean> {
  if (isFresh()) return true
  process.stderr.write('Building the dashboard; this takes a few seconds, once.\n')
  const { code, output } = await runProgram([process.execPath, `${ROOT}tools/build-dashboard.ts`])
  if (code !== 0) process.stderr.write(`The dashboard could not be built; the server runs without it.\n${output}\n`)
  return code === 0
}

function isFresh(): boolean {
  const builtAt = changedAt(`${HOME}/dist/index.html`)
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: HOME })).every(
    (path) => !(changedAt(`${HOME}/${path}`) > builtAt),
  )
}

/** Epoch milliseconds; 0 for what is not there. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
