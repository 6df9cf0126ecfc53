// Errors that the server itself puts on a run or a step, in the words that users of the SDKs know.
// Every constant and function gives canonical text, ready for `errorMemo` or for a run's error.

import { errorText } from './memo.ts'

/** The app could not be reached: refused, no such host, connection closed before an answer. */
export const UNREACHABLE_ERROR = errorText({ name: 'Error', message: 'Unable to reach SDK URL' })

/** The connection broke while the answer was read. */
export const CONNECTION_RESET_ERROR = errorText({
  name: 'Error',
  message: 'Your server reset the connection while we were reading the reply',
})

/** A step's output (or a whole answer) is over its limit. */
export const OUTPUT_TOO_LARGE_ERROR = errorText({
  name: 'output_too_large',
  message: 'step output size is greater than the limit',
})

/** A wait for a signal that another run waits for already. */
export const SIGNAL_CONFLICT_ERROR = errorText({
  name: 'Error',
  message: 'Signal conflict; signal wait already exists for another run',
})

/** An invoked function did not end in time. */
export const INVOKE_TIMEOUT_ERROR = errorText({
  name: 'InngestInvokeTimeoutError',
  message: 'Timed out waiting for invoked function to complete',
})

/** An invoked function was cancelled. */
export const INVOKE_CANCELLED_ERROR = errorText({
  name: 'InngestInvokeCancelledError',
  message: 'The invoked function was cancelled',
})

/** An invoked function's rate limit refused the run. */
export const INVOKE_RATE_LIMITED_ERROR = errorText({ name: 'Error', message: 'invoked function is rate limited' })

/** No function has the slug that was invoked. */
export function unknownFunctionError(slug: string): string {
  return errorText({ name: 'Error', message: `could not find function with ID: ${slug}` })
}

/** A run reached its number of steps. */
export function stepLimitError(stepsMax: number): string {
  return errorText({
    name: 'InngestErrFunctionOverflowed',
    message: `The function run exceeded the step limit of ${stepsMax} steps.`,
  })
}

/** A run's events and step results reached their number of bytes. */
export function stateLimitError(bytesMax: number): string {
  return errorText({
    name: 'InngestErrStateOverflowed',
    message: `The function run exceeded the state size limit of ${bytesMax} bytes.`,
  })
}

/** A sleep, wait or invoke that would last more than 366 days. */
export function timeoutTooLongError(): string {
  return errorText({ name: 'InngestErrTimeoutTooLong', message: 'Sleeps and waits may last at most 366 days.' })
}

/** A wait whose expression does not compile. */
export function invalidExpressionError(reason: string): string {
  return errorText({ name: 'InvalidExpression', message: reason })
}
