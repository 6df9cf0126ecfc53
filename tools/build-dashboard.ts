// Builds the dashboard into packages/dashboard/dist, from where the server sends it. Made beside the old one and then put
// in its place, so that a server that runs, or a second build, never sees half of one. Run by itself it does just that.
import { mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { build } from 'vite'
import { ROOT } from './run-program.ts'

const HOME = `${ROOT}packages/dashboard/`
/** Where it ends up. */
export const DASHBOARD = `${HOME}dist/`

/**
 * Builds it.
 * @returns the files whose code is in it, for their licences
 */
export async function buildDashboard(): Promise<readonly string[]> {
  const began = new Date()
  const modules: string[] = []
  // In a folder that no tool of the repository looks into, on the same disk.
  const outDir = `node_modules/.dist-${process.pid}`
  const made = `${HOME}${outDir}/`
  mkdirSync(`${HOME}node_modules`, { recursive: true })
  try {
    await build({
      root: HOME,
      logLevel: 'error',
      build: { outDir, emptyOutDir: true },
      plugins: [
        {
          name: 'pawl-collect-modules',
          generateBundle(_options, bundle) {
            for (const file of Object.values(bundle)) if (file.type === 'chunk') modules.push(...file.moduleIds)
          },
        },
      ],
    })
    // As old as its sources were when they were read: what is changed meanwhile is built again next time.
    utimesSync(`${made}index.html`, began, began)
    putInPlace(made)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  return modules
}

function putInPlace(made: string): void {
  const old = `${HOME}node_modules/.dist-old-${process.pid}`
  try {
    renameSync(DASHBOARD, old)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  renameSync(made, DASHBOARD)
  rmSync(old, { recursive: true, force: true })
}

if (import.meta.main) await buildDashboard()
