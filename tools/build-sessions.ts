// Builds `@pawl/sessions` for publishing, into packages/sessions/dist: one file of JavaScript, its types, and a package.json
// that names these instead of the sources. Run by `npm run build -w @pawl/sessions`; published from there.
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { ROOT, runProgram, tool } from './run-program.ts'

const HOME = `${ROOT}packages/sessions/`
const DIST = `${HOME}dist/`

rmSync(DIST, { recursive: true, force: true })
const bundle = await rolldown({ input: `${HOME}src/index.ts`, platform: 'neutral' })
await bundle.write({ file: `${DIST}index.js`, format: 'esm' })
await bundle.close()

const { code, output } = await runProgram(
  tool(
    'typescript/bin/tsc',
    ...['-p', HOME, '--composite', 'false', '--incremental', 'false', '--emitDeclarationOnly', '--declaration'],
    ...['--tsBuildInfoFile', 'null', '--outDir', DIST],
  ),
)
if (code !== 0) throw new Error(output)
for (const file of globSync('*.d.ts', { cwd: DIST })) {
  if (/(?:test|fake-server)\.d\.ts$/.test(file)) rmSync(DIST + file)
  else writeFileSync(DIST + file, readFileSync(DIST + file, 'utf8').replace(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"))
}

const { name, version, description, license, type } = JSON.parse(readFileSync(`${HOME}package.json`, 'utf8'))
const manifest = {
  ...{ name, version, description, license, type },
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
  sideEffects: false,
  engines: { node: '>=20' },
}
writeFileSync(`${DIST}package.json`, `${JSON.stringify(manifest, null, 2)}\n`)
copyFileSync(`${HOME}README.md`, `${DIST}README.md`)
copyFileSync(`${ROOT}LICENSE`, `${DIST}LICENSE`)
