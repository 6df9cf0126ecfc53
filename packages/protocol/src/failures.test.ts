import { describe, expect, it } from 'vitest'
import * as failures from './failures.ts'
import { canonicalText } from './json.ts'

describe('failures', () => {
  it.each([
    [failures.UNREACHABLE_ERROR, 'Error', 'Unable to reach SDK URL'],
    [failures.SIGNAL_CONFLICT_ERROR, 'Error', 'Signal conflict; signal wait already exists for another run'],
    [failures.INVOKE_TIMEOUT_ERROR, 'InngestInvokeTimeoutError', 'Timed out waiting for invoked function to complete'],
    [failures.unknownFunctionError('a-f'), 'Error', 'could not find function with ID: a-f'],
    [
      failures.stepLimitError(1000),
      'InngestErrFunctionOverflowed',
      'The function run exceeded the step limit of 1000 steps.',
    ],
    [
      failures.stateLimitError(5),
      'InngestErrStateOverflowed',
      'The function run exceeded the state size limit of 5 bytes.',
    ],
    [failures.timeoutTooLongError(), 'InngestErrTimeoutTooLong', 'Sleeps and waits may last at most 366 days.'],
    [failures.invalidExpressionError('bad "x"'), 'InvalidExpression', 'bad "x"'],
  ])('%s is canonical', (text, name, message) => {
    expect(JSON.parse(text)).toEqual({ name, message })
    expect(canonicalText(text)).toBe(text)
  })
})
