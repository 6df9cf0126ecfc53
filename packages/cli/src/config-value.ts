// Reads one value of the configuration, as it stands on the command line, in the environment or in a file. Every fault
// is told with the name under which the value was given.
import { CliError } from './errors.ts'
import type { OptionSpec } from './options.ts'

/** What an option may hold. Durations are milliseconds. */
export type ConfigValue = string | number | boolean | readonly string[]

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a value for an option.
 *
 * @param raw  Text (flags and environment), or what a JSON or YAML file holds.
 * @param from Where it stands, for the error: `--port`, `PAWL_PORT`, `port in pawl.json`.
 * @throws CliError `config_invalid`
 */
export function readConfigValue(spec: OptionSpec, raw: unknown, from: string): ConfigValue {
  const wrong = (wanted: string): CliError =>
    new CliError('config_invalid', `${from} must be ${wanted}, not ${shown(spec, raw)}.`)
  switch (spec.type) {
    case 'boolean':
      return readBoolean(spec, raw) ?? fail(wrong('true or false'))
    case 'integer':
      return inRange(spec, readInteger(raw)) ?? fail(wrong(`a whole number${rangeText(spec, String)}`))
    case 'duration':
      return (
        inRange(spec, readDuration(spec, raw)) ??
        fail(wrong(`a time such as 500ms, 5s or 2m${rangeText(spec, (ms) => `${ms}ms`)}`))
      )
    case 'list':
      return readList(raw) ?? fail(wrong('a text or a list of texts'))
    case 'choice':
      return (
        (spec.choices ?? []).find((choice) => choice === raw) ??
        fail(wrong(`one of ${(spec.choices ?? []).join(', ')}`))
      )
    case 'text':
      return typeof raw === 'string' && raw !== '' ? raw : fail(wrong('a text'))
  }
}

/** `no-…` options are turned off by what is true under their name. */
function readBoolean(spec: OptionSpec, raw: unknown): boolean | undefined {
  const value =
    raw === true || raw === 'true' || raw === '1'
      ? true
      : raw === false || raw === 'false' || raw === '0'
        ? false
        : undefined
  return value === undefined ? undefined : spec.flag.startsWith('no-') ? !value : value
}

function readInteger(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? raw : undefined
  return typeof raw === 'string' && /^\d{1,15}$/.test(raw.trim()) ? Number(raw) : undefined
}

function readDuration(spec: OptionSpec, raw: unknown): number | undefined {
  const text = typeof raw === 'number' || typeof raw === 'string' ? String(raw).trim() : ''
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text) ?? []
  const unitMs = UNITS_MS[unit ?? spec.unit ?? 'ms']
  return amount === undefined || unitMs === undefined ? undefined : Math.round(Number(amount) * unitMs)
}

function readList(raw: unknown): readonly string[] | undefined {
  const parts = Array.isArray(raw) ? raw : [raw]
  if (!parts.every((part): part is string => typeof part === 'string')) return undefined
  return parts
    .flatMap((part) => part.split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function inRange(spec: OptionSpec, value: number | undefined): number | undefined {
  if (value === undefined) return undefined
  return value >= (spec.min ?? 0) && value <= (spec.max ?? Number.MAX_SAFE_INTEGER) ? value : undefined
}

function rangeText(spec: OptionSpec, show: (value: number) => string): string {
  return spec.max === undefined ? '' : ` from ${show(spec.min ?? 0)} to ${show(spec.max)}`
}

/** A wrong key must not appear in a log. */
function shown(spec: OptionSpec, raw: unknown): string {
  return spec.secret ? 'what was given' : (JSON.stringify(raw) ?? 'nothing').slice(0, 80)
}

function fail(error: CliError): never {
  throw error
}
