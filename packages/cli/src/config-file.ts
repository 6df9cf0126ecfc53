// Finds and reads the configuration file: in the working folder, its parents, then the home folder; the first one counts.
// Its keys are the names of the flags, in kebab-case, camelCase or snake_case.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError } from './errors.ts'

/** Names looked for in each folder, in this order. */
export const CONFIG_FILE_NAMES = [
  'pawl.json',
  'pawl.yaml',
  'pawl.yml',
  'inngest.json',
  'inngest.yaml',
  'inngest.yml',
] as const

export interface ConfigFile {
  readonly path: string
  /** By kebab-case key. */
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Reads the named file, or the first one found; null when there is none.
 * @throws CliError `config_unreadable`
 */
export async function readConfigFile(
  wanted: string | undefined,
  folders: { readonly start: string; readonly home: string },
): Promise<ConfigFile | null> {
  if (wanted !== undefined) return parseConfigFile(wanted, readRequired(wanted))
  for (const path of candidates(folders)) {
    const text = readOptional(path)
    if (text !== undefined) return parseConfigFile(path, text)
  }
  return null
}

function* candidates({ start, home }: { readonly start: string; readonly home: string }): Generator<string> {
  let folder = start
  for (;;) {
    for (const name of CONFIG_FILE_NAMES) yield join(folder, name)
    const parent = dirname(folder)
    if (parent === folder) break
    folder = parent
  }
  for (const name of CONFIG_FILE_NAMES) yield join(home, name)
}

async function parseConfigFile(path: string, text: string): Promise<ConfigFile> {
  const parsed = await parse(path, text)
  if (parsed === null) return { path, values: {} }
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new CliError(
      'config_unreadable',
      `${path} must hold an object whose keys are names of flags, such as {"port": 8288}.`,
    )
  }
  return { path, values: Object.fromEntries(Object.entries(parsed).map(([key, value]) => [kebab(key), value])) }
}

async function parse(path: string, text: string): Promise<unknown> {
  try {
    if (path.endsWith('.json')) return JSON.parse(text)
    // Loaded only here: most folders have no such file, and the parser costs more than the rest of the start.
    const { parse: parseYaml } = await import('yaml')
    return parseYaml(text)
  } catch (cause) {
    throw new CliError('config_unreadable', `${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

function readRequired(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CliError('config_unreadable', `The configuration file ${path} cannot be read: ${messageOf(cause)}`, {
      cause,
    })
  }
}

/** A file that may be absent, or out of reach in a parent folder. */
function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
}

/** `sdkUrl` and `sdk_url` → `sdk-url`. */
function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')
}
