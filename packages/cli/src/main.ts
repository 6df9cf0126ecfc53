// The entry of the program. It reads the command line and loads what a command needs only when that command runs, so that
// help and version answer at once.
import { enableCompileCache } from 'node:module'
import { buildProgram } from './command-line.ts'
import type { Flags } from './config.ts'
import { CliError } from './errors.ts'
import type { CommandName } from './options.ts'
import { packageVersion } from './version.ts'

// Keeps what V8 compiled in the system's folder for temporary files: the second start takes half the time from source.
enableCompileCache()

const version = packageVersion()

const program = buildProgram(
  version,
  { dev: (flags) => run('dev', flags), start: (flags) => run('start', flags) },
  async (options, load) => {
    const { runTool } = await import('./commands/tool.ts')
    await runTool(options, await load())
  },
)

async function run(command: CommandName, flags: Flags): Promise<void> {
  const { serve } = await import('./commands/serve.ts')
  await serve(command, flags, version)
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CliError)) throw error
  process.stderr.write(`pawl: ${error.message}\n`)
  process.exitCode = error.exitCode
}
