// What an answer to a request comes to. The form and the kind of a request never change, so this is worked out before the
// operation that takes the answer.
import { type Json, parseJson } from '@pawl/protocol'
import type { RequestRow } from '@pawl/storage'
import { EngineError } from '../errors.ts'
import { checkSize } from './check-given.ts'
import type { AnswerGiven } from './door.ts'
import { SESSION_LIMITS } from './limits.ts'
import { isObject } from './schema/pointer.ts'
import { validate } from './schema/validate.ts'

/** How a request leaves `pending`. */
export interface Verdict {
  readonly status: Exclude<RequestRow['status'], 'pending'>
  /** Canonical JSON, of an answered one. */
  readonly response: string | null
  /** Canonical JSON: changed arguments of an approved one; null: as they were asked for. */
  readonly arguments: string | null
  readonly reason: string | null
  readonly by: string | null
}

export const EXPIRED: Verdict = { status: 'expired', response: null, arguments: null, reason: null, by: null }

export function cancelled(by: string | null, reason: string | null): Verdict {
  return { status: 'cancelled', response: null, arguments: null, reason, by }
}

/** @throws EngineError `answer_invalid` with the path, `session_too_large` */
export function readAnswer(request: Pick<RequestRow, 'kind' | 'form'>, given: AnswerGiven): Verdict {
  checkSize('reason', given.reason, SESSION_LIMITS.reasonBytesMax)
  if ('decision' in given) return readDecision(request, given)
  if (request.kind === 'approval') throw refused('decision', 'An approval is answered by a decision.')
  checkSize('response', given.response, SESSION_LIMITS.valueBytesMax)
  checkForm(request, 'response', given.response)
  return { status: 'answered', response: given.response, arguments: null, reason: given.reason, by: given.by }
}

function readDecision(
  request: Pick<RequestRow, 'kind' | 'form'>,
  given: Extract<AnswerGiven, { readonly decision: string }>,
): Verdict {
  if (request.kind !== 'approval') throw refused('response', `A request of kind ${request.kind} needs a response.`)
  const { decision, reason, by } = given
  if (decision === 'deny') {
    if (given.arguments !== null) throw refused('arguments', 'A denial changes no arguments.')
    return { status: 'denied', response: null, arguments: null, reason, by }
  }
  if (given.arguments !== null) {
    checkSize('arguments', given.arguments, SESSION_LIMITS.valueBytesMax)
    checkForm(request, 'arguments', given.arguments)
  }
  return { status: 'approved', response: null, arguments: given.arguments, reason, by }
}

function checkForm({ form }: Pick<RequestRow, 'form'>, field: string, text: string): void {
  if (form === null) return
  const value = parseJson(text)
  const read = parseJson(form)
  const { schema, options } = isObject(read) ? read : {}
  if (Array.isArray(options) && !options.some((option: Json) => isObject(option) && option.value === value))
    throw refused(field, 'The response is none of the options.')
  const fault = schema === undefined ? null : validate(schema, value)
  if (fault !== null) throw refused(`${field}${fault.path}`, `${field}${fault.path} ${fault.says}.`)
}

function refused(path: string, message: string): EngineError {
  return new EngineError('answer_invalid', message, { details: { path } })
}
