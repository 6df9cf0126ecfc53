// What a browser has to load before it can show the dashboard: the scripts that `index.html` names, as they are sent to a
// browser that takes Brotli. Screens, charts, the editor and the palette come later and are not counted.
import { existsSync, readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { ROOT } from './run-program.ts'

/** Bytes, compressed, that all scripts of the first load may have together. */
const BUDGET = 200_000
const HOME = `${ROOT}packages/dashboard/dist/`

/** The scripts of the first load with their compressed sizes in bytes. */
function firstScripts(): readonly (readonly [name: string, bytes: number])[] {
  const page = readFileSync(`${HOME}index.html`, 'utf8')
  const names = [...page.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].flatMap(([, name]) => name ?? [])
  return [...new Set(names)].map((name) => {
    const compressed = `${HOME}${name}.br`
    const bytes = existsSync(compressed) ? readFileSync(compressed) : brotliCompressSync(readFileSync(`${HOME}${name}`))
    return [name, bytes.length]
  })
}

/** Says how large the first load is; false when it is more than the budget, or when there is nothing to count. */
export function dashboardSizeFits(): boolean {
  const scripts = firstScripts()
  const sum = scripts.reduce((total, [, bytes]) => total + bytes, 0)
  const fits = scripts.length > 0 && sum <= BUDGET
  process.stdout.write(`${fits ? 'ok  ' : 'FAIL'} scripts of the first load: ${sum} of ${BUDGET} bytes, compressed\n`)
  if (!fits) for (const [name, bytes] of scripts) process.stdout.write(`  ${name}: ${bytes}\n`)
  return fits
}

if (import.meta.main) process.exitCode = dashboardSizeFits() ? 0 : 1
