/**
 * Patterns of `matches`, on a linear-time engine (RE2 syntax, match anywhere). Linear still means text length times
 * pattern size, so both cost steps.
 */
import { RE2JS } from 're2js'
import { evaluationError } from './error.ts'
import { charge, type Meter } from './meter.ts'

/** Longest pattern, in UTF-16 units. */
const PATTERN_MAX = 1_024
/** Instructions times units of text that pass as one step: the whole budget is then spent in 20 ms at worst, measured. */
const WORK_PER_STEP = 2_048
/** A unit of text costs 40 ns with the smallest pattern, as much as some 32 instructions more. */
const PROGRAM_BASE = 32

/** Compiles a pattern. @throws ExpressionError `evaluation_failed` */
export function compilePattern(text: string, meter: Meter): RE2JS {
  if (text.length > PATTERN_MAX) throw evaluationError(`a pattern has more than ${PATTERN_MAX} characters`)
  const pattern = compiled(text)
  // Compiling takes 100 µs and 6 µs an instruction: a pattern made from data, inside a loop, must not be free.
  charge(meter, 200 + 20 * pattern.programSize())
  return pattern
}

function compiled(text: string): RE2JS {
  try {
    return RE2JS.compile(text)
  } catch {
    throw evaluationError('a pattern is not valid (RE2 syntax)')
  }
}

/** Whether the pattern matches anywhere in the text. */
export function matchPattern(pattern: RE2JS, text: string, meter: Meter): boolean {
  charge(meter, Math.floor((text.length * (PROGRAM_BASE + pattern.programSize())) / WORK_PER_STEP))
  return pattern.test(text)
}
