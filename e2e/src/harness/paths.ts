/**
 * Where things stand on disk: the repository, the server's entry file, and folders that tests may fill.
 * Everything else in the harness asks here, so that no test spells a path of its own.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url))

/** The file that starts the server: the one a user runs as `pawl`, or the one that `PAWL_E2E_ENTRY` names. */
export const serverEntry = process.env.PAWL_E2E_ENTRY ?? join(repositoryRoot, 'packages', 'cli', 'src', 'main.ts')

/** Makes an empty folder of its own below the system's folder for temporary files. */
export function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `pawl-e2e-${name}-`))
}
