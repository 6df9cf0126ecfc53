// Reads single values of a function's configuration and gathers what is wrong with them.
// A fault never stops the reading: a developer wants all of them at once.

import { parseDuration } from './duration.ts'
import type { ConfigFault, ConfigFaultCode, ExpressionPlace, FunctionChecks } from './function-config.ts'
import type { Json } from './json-value.ts'
import { isUnsafe } from './url.ts'
import { isTooLong, shorten } from './values.ts'

/** A value with its place and the code of a fault in it. */
export interface Place {
  readonly value: Exclude<Json, null> | undefined
  readonly path: string
  readonly code: ConfigFaultCode
}

/** An allowed range, in the unit of the value. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** Values of one function, and its faults. */
export interface ConfigReader {
  readonly faults: ConfigFault[]
  readonly checkCron: FunctionChecks['checkCron']
  fault(code: ConfigFaultCode, path: string, message: string): void
  /** A whole number; null when absent or faulty. */
  count(place: Place, range: Range): number | null
  /** A duration in milliseconds; null when absent or faulty. */
  duration(place: Place, range: Range): number | null
  /** An expression that compiles; null when absent, '' or faulty. */
  expression(place: Place, where: ExpressionPlace): string | null
  /** A name that may go into headers and log lines; null when absent, '' or faulty. */
  name(place: Place, charactersMax: number): string | null
}

/** Makes a reader for the function of a slug. */
export function createConfigReader(slug: string, checks: FunctionChecks): ConfigReader {
  const faults: ConfigFault[] = []
  const fault: ConfigReader['fault'] = (code, path, message) => {
    faults.push({ function: slug, code, message, path })
  }
  const refuse = ({ code, path }: Place, message: string): null => {
    fault(code, path, `${path} ${message}`)
    return null
  }
  return {
    faults,
    checkCron: checks.checkCron,
    fault,
    count(place, { min, max }) {
      const { value } = place
      if (value === undefined) return null
      if (typeof value !== 'number' || !Number.isInteger(value)) return refuse(place, 'must be a whole number')
      return value >= min && value <= max ? value : refuse(place, rangeText(min, max))
    },
    duration(place, { min, max }) {
      const { value } = place
      if (value === undefined || value === '') return null
      const ms = typeof value === 'string' ? parseDuration(value) : null
      if (ms === null) return refuse(place, 'must be a duration such as 10s, 5m, 1h30m or 2d')
      return ms >= min && ms <= max ? ms : refuse(place, `is out of range: ${shorten(`${value}`)}`)
    },
    expression(place, where) {
      const { value } = place
      if (value === undefined || value === '') return null
      if (typeof value !== 'string') return refuse(place, 'must be an expression')
      const wrong = checks.checkExpression(value, where)
      return wrong === null ? value : refuse(place, `is no valid expression: ${wrong}`)
    },
    name(place, charactersMax) {
      const { value } = place
      if (value === undefined || value === '') return null
      if (typeof value !== 'string') return refuse(place, 'must be a string')
      if (isUnsafe(value)) return refuse(place, 'holds a control character')
      return isTooLong(value, charactersMax) ? refuse(place, `is longer than ${charactersMax} characters`) : value
    },
  }
}

function rangeText(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `must be at least ${min}` : `must be from ${min} to ${max}`
}
