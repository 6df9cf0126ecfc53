// The log of the server process: JSON lines through pino, or short lines for a person at a terminal. Values are data:
// they are escaped, and what is a credential by its name never gets out.
import { maskJson, type Secrecy, secrecyOf } from '@pawl/server/mask'
import { pino } from 'pino'

/** As the rooms see it; `fields` first, as pino has it. */
export interface Log {
  trace(fields: Readonly<Record<string, unknown>>, message: string): void
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Where lines go, and whether somebody reads them there. */
export interface LogTarget {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

/** Besides what is a secret in any payload. */
const SECRET_HERE = /signature|postgresuri/

/** What a field hides by its name, at any depth. */
function secrecyOfField(name: string): Secrecy | null {
  return SECRET_HERE.test(name.toLowerCase().replace(/[^a-z]/g, '')) ? 'all' : secrecyOf(name)
}

/** Makes the log. `text` is for a terminal. */
export function createLog(options: {
  readonly level: string
  readonly text: boolean
  readonly target: LogTarget
}): Log {
  const { level, text, target } = options
  const write = (line: string): unknown => {
    const shown = maskJson(line, secrecyOfField).text
    return target.write(text ? readable(shown, target.isTTY === true) : shown)
  }
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void write(line) },
  )
}

const COLOURS: Readonly<Record<string, string>> = {
  debug: '\u001b[2m',
  trace: '\u001b[2m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
}

/** `12:03:11 warn  message  key=value`; the line's own fields come last and short. */
function readable(line: string, colour: boolean): string {
  const { time, level, msg, err, ...rest } = parseLine(line)
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const text = [
    String(time).slice(11, 19),
    String(level).padEnd(5),
    printable(String(msg)),
    printable(fields.join(' ')),
  ]
    .filter(Boolean)
    .join(' ')
  const cause = typeof err === 'object' && err !== null && 'stack' in err ? `\n${printable(String(err.stack))}` : ''
  const paint = colour ? COLOURS[String(level)] : undefined
  return paint === undefined ? `${text}${cause}\n` : `${paint}${text}\u001b[0m${cause}\n`
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(line)
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
}

/** Nothing that an app sends may move the cursor or paint the terminal; line ends of our own messages stay. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '·')
}
