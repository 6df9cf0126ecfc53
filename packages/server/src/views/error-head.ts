// The name and message of a stored error, short enough for a list.
import { parseJson } from '@pawl/protocol'
import { maskJson } from './mask.ts'

export interface ErrorHead {
  readonly name: string
  readonly message: string
}

const MESSAGE_CHARACTERS_MAX = 500

/** Of the canonical text of an error; null where it is gone. */
export function errorHead(text: string | null): ErrorHead {
  const value = text === null ? null : parseJson(maskJson(text).text)
  if (typeof value === 'string') return { name: 'Error', message: cut(value) }
  if (typeof value !== 'object' || value === null) return { name: 'Error', message: '' }
  const fields: Readonly<Record<string, unknown>> = { ...value }
  const name = typeof fields.name === 'string' && fields.name !== '' ? fields.name : 'Error'
  return { name: name.slice(0, 200), message: typeof fields.message === 'string' ? cut(fields.message) : '' }
}

function cut(text: string): string {
  return text.length <= MESSAGE_CHARACTERS_MAX ? text : `${text.slice(0, MESSAGE_CHARACTERS_MAX)}…`
}
