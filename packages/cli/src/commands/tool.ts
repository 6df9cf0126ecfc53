// What the commands that ask a running server have in common: where it is, with which key, and how the answer is printed.
import { type Api, type ApiRow, createApi } from '../api/api-client.ts'
import { surroundings } from '../config.ts'
import { CliError } from '../errors.ts'

/** What a command has to say: for people, and as JSON for programs. */
export interface Told {
  readonly text: string
  readonly data: unknown
}

export interface ToolOptions {
  readonly url: string
  readonly key?: string | undefined
  readonly json?: boolean | undefined
}

export type Tool = (api: Api) => Promise<Told>

/** Runs a command and prints what it tells. @throws CliError */
export async function runTool(options: ToolOptions, tool: Tool): Promise<void> {
  const { environment } = surroundings()
  const key = options.key ?? environment.PAWL_SIGNING_KEY ?? environment.INNGEST_SIGNING_KEY
  const { text, data } = await tool(createApi({ url: options.url, key: firstKey(key) }))
  process.stdout.write(options.json === true ? `${JSON.stringify(data ?? null, null, 2)}\n` : text)
}

/** Several keys may be given to a server; any of them opens it. */
function firstKey(given: string | undefined): string | undefined {
  const key = given?.split(',', 1)[0]?.trim()
  return key === '' ? undefined : key
}

/** A whole number of a flag. @throws CliError `argument_invalid` */
export function wholeNumber(flag: string, text: string, [min, max]: readonly [number, number]): number {
  const value = Number(text)
  if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value
  throw new CliError('argument_invalid', `${flag} must be a whole number from ${min} to ${max}, not ${quoted(text)}.`)
}

/** JSON of a flag. @throws CliError `argument_invalid` */
export function jsonValue(flag: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CliError('argument_invalid', `${flag} must be JSON, and ${quoted(text)} is none.`, { cause })
  }
}

export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}

/** A row, whatever came. */
export function rowOf(value: unknown): ApiRow {
  return typeof value === 'object' && value !== null ? (value as ApiRow) : {}
}
