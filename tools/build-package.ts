// Builds the published package: everything bundled into dist/, so that it installs without dependencies, scripts and
// native parts, and the licence texts of what was bundled beside it. Run by `npm run build -w pawl`.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { ROOT } from './run-program.ts'

const HOME = `${ROOT}packages/cli/`

/** Entries of the bundle by the name of their file in dist/. The thread that reads lists is started from its file. */
const INPUT = { main: `${HOME}src/main.ts`, 'lists-worker': `${ROOT}packages/storage/src/sqlite/lists-worker.ts` }

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

const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
writeFileSync(`${HOME}THIRD-PARTY-LICENSES`, licenceTexts(packageFolders(modules)))
writeFileSync(`${HOME}LICENSE`, readFileSync(`${ROOT}LICENSE`))

/** The folders of the packages whose code is in the bundle. */
function packageFolders(ids: readonly string[]): readonly string[] {
  const folders = ids.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

function licenceTexts(folders: readonly string[]): string {
  const parts = folders.map((folder) => {
    const { name, version, license } = manifest(folder)
    const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each))
    if (file === undefined) throw new Error(`${name} ${version} is bundled, but brings no licence text`)
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`
  })
  return ['This package contains code of the following packages.\n', ...parts].join(`\n${'-'.repeat(80)}\n\n`)
}

function manifest(folder: string): { readonly name: string; readonly version: string; readonly license: string } {
  const path = `${folder}/package.json`
  const parsed: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  const fields: Readonly<Record<string, unknown>> = { ...(typeof parsed === 'object' ? parsed : {}) }
  return { name: String(fields.name), version: String(fields.version), license: String(fields.license) }
}
