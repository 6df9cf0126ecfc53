// The commands and their flags, made from the schema of options. It turns a command line into flags by name and hands
// them on; what they mean is decided in config.ts.
import { Command, Option } from 'commander'
import type { Flags } from './config.ts'
import { defaultText } from './config-table.ts'
import { CONFIG_FLAG, FOREIGN_FLAGS, OPTION_LIST, type OptionSpec } from './options.ts'

/** What the commands do. */
export interface Actions {
  dev(flags: Flags): Promise<void>
  start(): Promise<void>
}

const EXAMPLES = `
Examples:
  pawl dev                                        finds apps on the usual local ports
  pawl dev -u http://localhost:3000/api/inngest   serves this app
  pawl dev --in-memory --port 8300                keeps nothing, listens on port 8300

Every flag is also an environment variable (PAWL_PORT) and a key of pawl.json or inngest.json ("port").`

/** Builds the program; `parseAsync` runs it. */
export function buildProgram(version: string, actions: Actions): Command {
  const program = new Command('pawl')
    .description('Durable background jobs: a server that speaks the Inngest SDK protocol.')
    .version(version, '-V, --version', 'print the version')
    .showHelpAfterError('Run `pawl --help` for the commands, `pawl dev --help` for the flags.')
    .configureHelp({ showGlobalOptions: false })
  addDev(program, actions)
  program
    .command('start')
    .description('runs the server in production (comes with the next release)')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => actions.start())
  program
    .command('version', { hidden: true })
    .description('prints the version')
    .action(() => void process.stdout.write(`${version}\n`))
  return program
}

function addDev(program: Command, actions: Actions): void {
  const dev = program.command('dev').description('runs the server for development').addHelpText('after', EXAMPLES)
  for (const spec of [...OPTION_LIST.map(([, spec]) => spec), CONFIG_FLAG]) dev.addOption(commanderOption(spec))
  for (const [flag, { takesValue }] of Object.entries(FOREIGN_FLAGS)) {
    dev.addOption(new Option(takesValue ? `--${flag} <value>` : `--${flag}`).hideHelp())
  }
  dev.action(() => actions.dev(givenFlags(dev)))
}

function commanderOption(spec: OptionSpec): Option {
  const names = spec.short === undefined ? `--${spec.flag}` : `-${spec.short}, --${spec.flag}`
  const choices = spec.choices === undefined ? '' : `${spec.choices.join(', ')}; `
  const shownDefault = defaultText(spec)
  const says = shownDefault === '' ? spec.says : `${spec.says} (${choices}default: ${shownDefault})`
  if (spec.type === 'boolean') return new Option(names, says)
  const option = new Option(`${names} <${placeholder(spec)}>`, says)
  return spec.type === 'list' ? option.argParser(collect) : option
}

function placeholder(spec: OptionSpec): string {
  if (spec.type === 'duration') return 'time'
  return spec.type === 'integer' ? 'number' : spec.flag.replace(/^.*-/, '')
}

function collect(value: string, earlier: unknown): readonly string[] {
  return [...(Array.isArray(earlier) ? earlier : []), value]
}

/** What stood on the command line, by the flag's own name. */
function givenFlags(command: Command): Flags {
  const given: Record<string, unknown> = {}
  for (const option of command.options) {
    const name = option.attributeName()
    if (command.getOptionValueSource(name) !== 'cli') continue
    const flag = (option.long ?? '').slice(2)
    given[flag] = option.negate ? true : command.getOptionValue(name)
  }
  return given
}
