// The entry of the program. It reads the command line and loads what a command needs only when that command runs, so that
// help and version answer at once.
import { enableCompileCache } from 'node:module'
import { buildProgram } from './command-line.ts'
import { CliError } from './errors.ts'
import { packageVersion } from './version.ts'

// Keeps what V8 compiled in the system's folder for temporary files: the second start takes half the time from source.
enableCompileCache()

const version = packageVersion()

const program = buildProgram(version, {
  dev: async (flags) => {
    const { dev } = await import('./commands/dev.ts')
    await dev(flags, version)
  },
  start: async () => {
    throw new CliError(
      'not_in_release',
      '`pawl start` comes with the next release. `pawl dev` runs the same engine with the same database, without keys.',
    )
  },
})

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CliError)) throw error
  process.stderr.write(`pawl: ${error.message}\n`)
  process.exitCode = error.exitCode
}
