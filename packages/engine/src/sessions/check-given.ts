// What callers give, looked over before anything is committed: sizes, names, and the form of a question.
import { isUlid, type Json, parseJson } from '@pawl/protocol'
import type { SessionItemType } from '@pawl/storage'
import { EngineError, type EngineErrorCode } from '../errors.ts'
import type { ItemGiven, RequestGiven, SessionGiven } from './door.ts'
import { SESSION_LIMITS } from './limits.ts'
import { checkSchema } from './schema/check-schema.ts'
import { isObject } from './schema/pointer.ts'

const { nameCharactersMax, titleCharactersMax, metadataBytesMax, contentBytesMax, valueBytesMax } = SESSION_LIMITS
const { formBytesMax, promptBytesMax, urlCharactersMax, optionsMax, appendMax } = SESSION_LIMITS

/** @throws EngineError `session_invalid`, `session_too_large` */
export function checkSession(given: SessionGiven): void {
  checkName('session_invalid', 'key', given.name)
  checkName('session_invalid', 'agent', given.agent)
  checkDetails(given)
  if (given.runId !== null && !isUlid(given.runId)) throw invalid('session_invalid', 'runId', 'is no run ID')
}

/** The parts that a change may give as well. @throws EngineError `session_invalid`, `session_too_large` */
export function checkDetails(given: {
  readonly title?: string | null
  readonly metadata?: string | null
  readonly result?: string | null
  readonly error?: string | null
}): void {
  const { title = null, metadata = null, result = null, error = null } = given
  if (title !== null && title.length > titleCharactersMax)
    throw invalid('session_invalid', 'title', `has more than ${titleCharactersMax} characters`)
  checkSize('metadata', metadata, metadataBytesMax)
  if (metadata !== null && !isObject(parseJson(metadata)))
    throw invalid('session_invalid', 'metadata', 'must be an object')
  checkSize('result', result, valueBytesMax)
  checkSize('error', error, valueBytesMax)
}

const ITEM_TYPES: ReadonlySet<string> = new Set<SessionItemType>([
  'message',
  'tool_call',
  'tool_result',
  'artifact',
  'log',
  'error',
  'decision',
  'custom',
])

/** @throws EngineError `session_invalid`, `session_too_large`, `too_many_items` */
export function checkItems(items: readonly ItemGiven[]): void {
  if (items.length === 0) throw invalid('session_invalid', 'items', 'must hold at least one item')
  if (items.length > appendMax)
    throw new EngineError('too_many_items', `One append takes ${appendMax} items at most.`, {
      details: { limit: appendMax },
    })
  for (const [index, item] of items.entries()) {
    const path = `items[${index}]`
    if (!ITEM_TYPES.has(item.type)) throw invalid('session_invalid', `${path}.type`, 'is not a type of item')
    checkName('session_invalid', `${path}.role`, item.role)
    checkName('session_invalid', `${path}.key`, item.name)
    checkSize(`${path}.content`, item.content, contentBytesMax)
  }
}

/** @throws EngineError `request_invalid`, `session_too_large` */
export function checkRequest(given: RequestGiven): void {
  checkName('request_invalid', 'key', given.name)
  if (given.prompt === '') throw invalid('request_invalid', 'prompt', 'must say something')
  checkSize('prompt', given.prompt, promptBytesMax)
  checkSize('arguments', given.arguments, valueBytesMax)
  checkSize('schema', given.form, formBytesMax)
  checkForm(given)
  checkCallback(given.callbackUrl)
}

function checkForm({ kind, form }: RequestGiven): void {
  const read = form === null ? {} : parseJson(form)
  const { schema, options } = isObject(read) ? read : {}
  if (kind === 'choice') {
    if (schema !== undefined) throw invalid('request_invalid', 'schema', 'is not for a choice, which has options')
    return checkOptions(options)
  }
  if (options !== undefined) throw invalid('request_invalid', 'options', 'are only for a choice')
  const fault = schema === undefined ? null : checkSchema(schema)
  if (fault !== null) throw invalid('request_invalid', `schema${fault.path}`, fault.says)
}

function checkOptions(options: Json | undefined): void {
  if (!Array.isArray(options) || options.length === 0 || options.length > optionsMax)
    throw invalid('request_invalid', 'options', `must be a list of 1 to ${optionsMax} options`)
  const values = options.map((option: Json, index) => {
    const { value, label } = isObject(option) ? option : {}
    if (typeof value !== 'string' || (label !== undefined && typeof label !== 'string'))
      throw invalid(
        'request_invalid',
        `options[${index}]`,
        'must be an object with a text as value, and perhaps a label',
      )
    return value
  })
  if (new Set(values).size < values.length) throw invalid('request_invalid', 'options', 'must not hold a value twice')
}

/** Where it may lead is checked when it is called, on the addresses that are connected to. */
function checkCallback(url: string | null): void {
  if (url === null) return
  const isRefused = (reason: string) => invalid('request_invalid', 'callbackUrl', reason)
  if (url.length > urlCharactersMax || !URL.canParse(url)) throw isRefused('is no URL that can be called')
  const { protocol, username, password } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') throw isRefused('must be http or https')
  if (username !== '' || password !== '') throw isRefused('must not hold a user name or password')
}

function checkName(code: EngineErrorCode, path: string, name: string | null): void {
  if (name === null) return
  if (name === '' || name.length > nameCharactersMax)
    throw invalid(code, path, `must have 1 to ${nameCharactersMax} characters`)
}

/** @throws EngineError `session_too_large` */
export function checkSize(path: string, text: string | null, bytesMax: number): void {
  if (text === null || text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax) return
  throw new EngineError('session_too_large', `${path} has more than ${bytesMax} bytes.`, {
    details: { path, limit: bytesMax },
  })
}

export function invalid(code: EngineErrorCode, path: string, says: string): EngineError {
  return new EngineError(code, `${path} ${says}.`, { details: { path } })
}
