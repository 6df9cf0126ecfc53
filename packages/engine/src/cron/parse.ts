/**
 * Reads a cron text: five fields, with an optional time zone in front. What the dialect does not have (seconds,
 * `@daily` and its kin, day of week 7, `L`, `W`, `#`, backward ranges) is refused, so that a schedule never means
 * something else than it does elsewhere.
 */
import { type Zone, zoneOf } from './zone.ts'

const CRON_LENGTH_MAX = 255

/** A cron text that cannot be a schedule. */
export class CronError extends Error {
  override readonly name = 'CronError'
  readonly code = 'schedule_invalid'
}

/** A schedule: which minutes, hours and days, in which zone. Values of each field stand in ascending order. */
export interface Cron {
  readonly text: string
  /** IANA name; `UTC` unless the text says otherwise. */
  readonly timeZone: string
  readonly zone: Zone
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly daysOfMonth: ReadonlySet<number>
  /** 1 to 12. */
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>
  /** Both day fields are restricted, and a day that satisfies either will do. */
  readonly eitherDay: boolean
  /** The hour field is `*` or a step: ticks follow real hours when clocks change, instead of one a day for each hour. */
  readonly followsRealHours: boolean
}

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}

const MINUTE: Field = { name: 'minute', least: 0, most: 59 }
const HOUR: Field = { name: 'hour', least: 0, most: 23 }
const DAY_OF_MONTH: Field = { name: 'day of month', least: 1, most: 31 }
const MONTH: Field = {
  name: 'month',
  least: 1,
  most: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
}
const DAY_OF_WEEK: Field = {
  name: 'day of week',
  least: 0,
  most: 6,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
}

/**
 * Reads a schedule such as `TZ=Europe/Paris 0 9 * * MON-FRI`.
 *
 * @throws CronError `schedule_invalid`; the message names the field.
 */
export function parseCron(text: string): Cron {
  if (text.length > CRON_LENGTH_MAX) throw new CronError(`a schedule has at most ${CRON_LENGTH_MAX} characters`)
  const [prefix, ...rest] = text.trim().split(/[ \t]+/)
  const zoneName = /^(?:CRON_)?TZ=(.*)$/.exec(prefix ?? '')?.[1]
  const fields = zoneName === undefined ? [prefix ?? '', ...rest] : rest
  const zone = zoneOf(zoneName ?? 'UTC')
  if (!zone) throw new CronError('the time zone is unknown; use a name of the IANA list such as Europe/Paris')
  const [minute, hour, dayOfMonth, month, dayOfWeek] = checkCount(fields)
  const days = [readField(dayOfMonth, DAY_OF_MONTH), readField(dayOfWeek, DAY_OF_WEEK)] as const
  return {
    text,
    timeZone: zone.name,
    zone,
    minutes: ascending(readField(minute, MINUTE).values),
    hours: ascending(readField(hour, HOUR).values),
    daysOfMonth: days[0].values,
    months: readField(month, MONTH).values,
    daysOfWeek: days[1].values,
    eitherDay: days[0].restricted && days[1].restricted,
    followsRealHours: /[*?/]/.test(hour),
  }
}

function checkCount(fields: readonly string[]): readonly [string, string, string, string, string] {
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields
  if (minute?.startsWith('@')) throw new CronError('words such as @daily are not supported; write the five fields')
  if (fields.length === 6) throw new CronError('six fields: there is no field for seconds; write five')
  if (
    fields.length !== 5 ||
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined
  ) {
    throw new CronError('a schedule has five fields: minute, hour, day of month, month, day of week')
  }
  return [minute, hour, dayOfMonth, month, dayOfWeek]
}

interface Values {
  readonly values: ReadonlySet<number>
  /** False when an item is a plain `*`; `*`+`/2` counts as restricted. */
  readonly restricted: boolean
}

function readField(text: string, field: Field): Values {
  const values = new Set<number>()
  let restricted = true
  for (const item of text.split(',')) {
    const range = readItem(item, field)
    for (let value = range.from; value <= range.to; value += range.step) values.add(value)
    if (range.star && range.step === 1) restricted = false
  }
  return { values, restricted }
}

interface Range {
  readonly from: number
  readonly to: number
  readonly step: number
  readonly star: boolean
}

// `*`, `?`, `5`, `1-5`, each with an optional step; a single value with a step runs to the end of the field.
function readItem(item: string, field: Field): Range {
  const match = /^(?:(?<star>[*?])|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d{1,4}))?$/.exec(item)
  if (!match) throw new CronError(`the ${field.name} field has an item that is no value, range or step`)
  const { star, from, to, step } = match.groups ?? {}
  const size = step === undefined ? 1 : Number(step)
  if (size === 0) throw new CronError(`the ${field.name} field has a step of 0`)
  if (star !== undefined || from === undefined) return { from: field.least, to: field.most, step: size, star: true }
  const first = readValue(from, field)
  const last = to !== undefined ? readValue(to, field) : step === undefined ? first : field.most
  if (last < first) throw new CronError(`the ${field.name} field has a range that runs backward`)
  return { from: first, to: last, step: size, star: false }
}

function readValue(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1
  if (named >= 0) return named + field.least
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= field.least && value <= field.most)) {
    throw new CronError(`the ${field.name} field goes from ${field.least} to ${field.most}`)
  }
  return value
}

function ascending(values: ReadonlySet<number>): readonly number[] {
  return [...values].sort((left, right) => left - right)
}
