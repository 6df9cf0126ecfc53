// Brings the configuration together: flag before environment before file before default. The only reader of the
// environment; the result is frozen and passed on, never global. A name that is not known is refused, never ignored.
import { homedir } from 'node:os'
import { type ConfigFile, readConfigFile } from './config-file.ts'
import { type ConfigValue, readConfigValue } from './config-value.ts'
import { CliError } from './errors.ts'
import { nearestName } from './nearest-name.ts'
import {
  CONFIG_FLAG,
  type CommandName,
  type Config,
  defaultFor,
  environmentNames,
  FOREIGN_FLAGS,
  OPTION_LIST,
  type OptionSpec,
} from './options.ts'
import { refuseUnusable } from './usable-config.ts'

/** What the command line held: by flag, without dashes. A flag given several times has a list. */
export type Flags = Readonly<Record<string, unknown>>

/** The process, as far as the configuration depends on it. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly home: string
}

export interface ConfigReading {
  readonly config: Config
  /** `$PORT`, where the user's own app often listens. */
  readonly appPort: number | null
  /** The file that was read, or null. */
  readonly file: string | null
  /** One line each: what was accepted and has no effect, what looks misspelt. */
  readonly notes: readonly string[]
}

/** This process. */
export function surroundings(): Surroundings {
  return { environment: process.env, folder: process.cwd(), home: homedir() }
}

/**
 * Reads the configuration of a command.
 * @throws CliError `config_invalid`, `config_unreadable`, `config_incomplete`
 */
export async function readConfig(
  command: CommandName,
  flags: Flags,
  around: Surroundings = surroundings(),
): Promise<ConfigReading> {
  const wanted = sources(CONFIG_FLAG, { flags, around, file: null })
  const file = await readConfigFile(wanted === undefined ? undefined : String(wanted.raw), {
    start: around.folder,
    home: around.home,
  })
  if (file !== null) refuseUnknownKeys(file)
  const places = { command, flags, around, file }
  const entries = OPTION_LIST.map(([key, spec]) => [key, optionValue(spec, places)] as const)
  // The table's types and its readers agree by construction; this is where checked values become the shape.
  const config = Object.freeze({ ...Object.fromEntries(entries), command }) as unknown as Config
  refuseUnusable(config)
  return {
    config,
    appPort: readPort(around.environment.PORT),
    file: file?.path ?? null,
    notes: [...foreignNotes(flags, around, file), ...misspeltVariables(around)],
  }
}

interface Places {
  readonly command: CommandName
  readonly flags: Flags
  readonly around: Surroundings
  readonly file: ConfigFile | null
}

/** File and environment are often shared by both commands: what is for the other one is checked and then left out. */
function optionValue(spec: OptionSpec, places: Places): ConfigValue {
  const source = sources(spec, places)
  const given = source === undefined ? undefined : readConfigValue(spec, source.raw, source.from)
  const { command } = places
  if (spec.only !== undefined && spec.only !== command) return offFor(spec, given, source?.from)
  return frozen(given ?? defaultFor(spec, command))
}

/** An option that a command has not: off, and refused where leaving it out would surprise. */
function offFor(spec: OptionSpec, given: ConfigValue | undefined, from: string | undefined): ConfigValue {
  if (given !== true || spec.flag.startsWith('no-')) return false
  throw new CliError('config_invalid', `${from} is for \`pawl ${spec.only}\` only. Take it out.`)
}

/** The first place that names the option. */
function sources(
  spec: OptionSpec,
  { flags, around, file }: Omit<Places, 'command'>,
): { readonly raw: unknown; readonly from: string } | undefined {
  if (flags[spec.flag] !== undefined) return { raw: flags[spec.flag], from: `--${spec.flag}` }
  for (const name of environmentNames(spec)) {
    const raw = around.environment[name]
    if (raw !== undefined && raw !== '') return { raw, from: name }
  }
  if (file !== null && Object.hasOwn(file.values, spec.flag))
    return { raw: file.values[spec.flag], from: `${spec.flag} in ${file.path}` }
  return undefined
}

function frozen(value: ConfigValue): ConfigValue {
  return typeof value === 'object' ? Object.freeze([...value]) : value
}

function refuseUnknownKeys(file: ConfigFile): void {
  const known = [...OPTION_LIST.map(([, spec]) => spec.flag), ...Object.keys(FOREIGN_FLAGS)]
  for (const key of Object.keys(file.values)) {
    if (known.includes(key)) continue
    const near = nearestName(key, known)
    const hint =
      near === undefined ? '`pawl dev --help` and `pawl start --help` name them all' : `did you mean "${near}"?`
    throw new CliError('config_invalid', `"${key}" in ${file.path} is not an option: ${hint}`)
  }
}

function foreignNotes(flags: Flags, around: Surroundings, file: ConfigFile | null): readonly string[] {
  const notes: string[] = []
  for (const [flag, { why }] of Object.entries(FOREIGN_FLAGS)) {
    const source = sources({ ...CONFIG_FLAG, flag }, { flags, around, file })
    if (source !== undefined) notes.push(`${source.from} has no effect: ${why}.`)
  }
  return notes
}

/** Variables are not refused (others may share the prefix), but one that is nearly right was probably meant. */
function misspeltVariables(around: Surroundings): readonly string[] {
  const known = [
    ...OPTION_LIST.map(([, spec]) => spec),
    CONFIG_FLAG,
    ...Object.keys(FOREIGN_FLAGS).map((flag) => ({ ...CONFIG_FLAG, flag })),
  ]
    .flatMap((spec) => environmentNames(spec))
    .filter((name) => name.startsWith('PAWL_'))
  return Object.keys(around.environment)
    .filter((name) => name.startsWith('PAWL_') && !known.includes(name))
    .flatMap((name) => {
      const near = nearestName(
        name.slice(5),
        known.map((other) => other.slice(5)),
      )
      return near === undefined ? [] : [`${name} is not an option and has no effect: did you mean PAWL_${near}?`]
    })
}

function readPort(text: string | undefined): number | null {
  const port = Number(text)
  return text !== undefined && Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null
}
