// Builds the published package: everything bundled into dist/, so that it installs without dependencies, scripts and
// native parts, the dashboard beside it, and the licence texts of what was bundled. Run by `npm run build -w pawl`.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { buildDashboard, DASHBOARD } from './build-dashboard.ts'
import { ROOT } from './run-program.ts'

const HOME = `${ROOT}packages/cli/`

/** Entries of the bundle by the name of their file in dist/. The thread that reads lists is started from its file. */
const INPUT = { main: `${HOME}src/main.ts`, 'lists-worker': `${ROOT}packages/storage/src/sqlite/lists-worker.ts` }

/** For packages that name this licence and bring no text. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

rmSync(`${HOME}dist`, { recursive: true, force: true })
const bundle = await rolldown({
  input: INPUT,
  platform: 'node',
  cwd: HOME,
  external: ['pg-native', 'bufferutil', 'utf-8-validate'],
})
const { output } = await bundle.write({
  dir: 'dist',
  format: 'esm',
  sourcemap: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  minify: false,
})
await bundle.close()

/** Its base style sheet is part of the page's, without a module of its own. */
const STYLES = `${ROOT}node_modules/tailwindcss/preflight.css`

const pageModules = await buildDashboard()
cpSync(DASHBOARD, `${HOME}dist/dashboard`, { recursive: true })

const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
const folders = packageFolders([...modules, ...pageModules, STYLES])
writeFileSync(`${HOME}THIRD-PARTY-LICENSES`, licenceTexts(folders))
writeFileSync(`${HOME}LICENSE`, readFileSync(`${ROOT}LICENSE`))

/** The folders of the packages whose code is in the bundle. */
function packageFolders(ids: readonly string[]): readonly string[] {
  const folders = ids.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

function licenceTexts(folders: readonly string[]): string {
  const parts = folders.map((folder) => {
    const { name, version, license } = manifest(folder)
    return `${name} ${version} (${license})\n\n${licenceText(folder).trim()}\n`
  })
  return ['This package contains code of the following packages.\n', ...parts].join(`\n${'-'.repeat(80)}\n\n`)
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each))
  if (file !== undefined) return readFileSync(`${folder}/${file}`, 'utf8')
  const { name, version, license, author } = manifest(folder)
  // Some packages name their licence and bring no text; for any but the common one that has to be looked at.
  if (license !== 'MIT') throw new Error(`${name} ${version} is bundled, but brings no text of its licence ${license}`)
  return `Copyright (c) ${author}\n\n${MIT}`
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly author: string
}

function manifest(folder: string): Manifest {
  const parsed: unknown = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const fields: Readonly<Record<string, unknown>> = { ...(typeof parsed === 'object' ? parsed : {}) }
  const { name, version, license, author } = fields
  const holder =
    typeof author === 'object' && author !== null && 'name' in author
      ? author.name
      : (author ?? `the authors of ${name}`)
  return { name: String(name), version: String(version), license: String(license), author: String(holder) }
}
