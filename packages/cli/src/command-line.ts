// The commands that run a server and their flags, made from the schema of options. It turns a command line into flags by name and hands
// them on; what they mean is decided in config.ts.
import { Command, Option } from 'commander'
import type { Flags } from './config.ts'
import { defaultText } from './config-table.ts'
import { CONFIG_FLAG, type CommandName, FOREIGN_FLAGS, isFor, OPTION_LIST, type OptionSpec } from './options.ts'
import { addToolCommands, type RunTool } from './tool-commands.ts'

/** What the commands do: each runs a server with the flags that were given. */
export type Actions = Readonly<Record<CommandName, (flags: Flags) => Promise<void>>>

const AFTER = `
Every flag is also an environment variable (PAWL_PORT) and a key of pawl.json or inngest.json ("port").`

const EXAMPLES: Readonly<Record<CommandName, string>> = {
  dev: `
Examples:
  pawl dev                                        finds apps on the usual local ports
  pawl dev -u http://localhost:3000/api/inngest   serves this app
  pawl dev --in-memory --port 8300                keeps nothing, listens on port 8300
${AFTER}`,
  start: `
Examples:
  PAWL_SIGNING_KEY=… PAWL_EVENT_KEY=… pawl start  one server, with its state in ./.pawl
  pawl start --postgres-uri postgres://user:password@host:5432/database
                                                  one of any number of servers on this database

To change a key, give the old and the new one, then let the apps have the new one, then take the old one out.
${AFTER}`,
}

const DESCRIPTIONS: Readonly<Record<CommandName, string>> = {
  dev: 'runs the server for development',
  start: 'runs the server in production',
}

/** Builds the program; `parseAsync` runs it. `runTool`: what the commands that ask a server do; nothing by default. */
export function buildProgram(version: string, actions: Actions, runTool: RunTool = noTool): Command {
  const program = new Command('pawl')
    .description('Durable background jobs: a server that speaks the Inngest SDK protocol.')
    .version(version, '-V, --version', 'print the version')
    .showHelpAfterError('Run `pawl --help` for the commands, `pawl dev --help` and `pawl start --help` for the flags.')
    .configureHelp({ showGlobalOptions: false })
  addServer(program, 'dev', actions)
  addServer(program, 'start', actions)
  addToolCommands(program, runTool)
  program
    .command('version', { hidden: true })
    .description('prints the version')
    .action(() => void process.stdout.write(`${version}\n`))
  return program
}

const noTool: RunTool = async () => {}

function addServer(program: Command, name: CommandName, actions: Actions): void {
  const command = program.command(name).description(DESCRIPTIONS[name]).addHelpText('after', EXAMPLES[name])
  for (const spec of [...OPTION_LIST.map(([, each]) => each), CONFIG_FLAG]) {
    // A flag of the other command is known, so that a line that is shared can say what is wrong with it.
    const option = commanderOption(spec, name)
    command.addOption(isFor(spec, name) ? option : option.hideHelp())
  }
  for (const [flag, { takesValue }] of Object.entries(FOREIGN_FLAGS)) {
    command.addOption(new Option(takesValue ? `--${flag} <value>` : `--${flag}`).hideHelp())
  }
  command.action(() => actions[name](givenFlags(command)))
}

function commanderOption(spec: OptionSpec, command: CommandName): Option {
  const names = spec.short === undefined ? `--${spec.flag}` : `-${spec.short}, --${spec.flag}`
  const choices = spec.choices === undefined ? '' : `${spec.choices.join(', ')}; `
  const shownDefault = defaultText(spec, command)
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
