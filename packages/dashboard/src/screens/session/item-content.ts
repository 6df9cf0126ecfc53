// What an item of a log says, taken out of its content. Agents write what they like: the usual shapes are known (a text, an
// object with `text` or `content`, a call with `name` and `arguments`), anything else is shown as the JSON that it is. Pure.

import type { RequestStatus, SessionItem } from '../../api/index.ts'

/** What is shown of an item: words, and beside or below them a value. */
export interface ItemParts {
  /** A short name in front: a tool, a level. */
  readonly name?: string
  readonly text?: string
  readonly value?: unknown
  readonly href?: string
  readonly decision?: {
    readonly requestId: string
    readonly action: 'requested' | 'resolved'
    readonly status?: Exclude<RequestStatus, 'pending'>
    readonly by?: string
    readonly reason?: string
  }
}

type Fields = Readonly<Record<string, unknown>>

/** The parts of an item. */
export function partsOf({ type, content }: Pick<SessionItem, 'type' | 'content'>): ItemParts {
  if (typeof content === 'string') return textOrLink(type, content)
  if (!isFields(content)) return { value: content }
  switch (type) {
    case 'decision':
      return decisionParts(content)
    case 'tool_call':
      return named(content, ['name', 'tool', 'function'], ['arguments', 'args', 'input', 'parameters'])
    case 'tool_result':
      return named(content, ['name', 'tool', 'function'], ['result', 'output', 'content', 'value'])
    case 'artifact':
      return artifactParts(content)
    default:
      return textParts(content)
  }
}

function textOrLink(type: SessionItem['type'], text: string): ItemParts {
  const href = type === 'artifact' ? webAddress(text) : undefined
  return href === undefined ? { text } : { text, href }
}

const TEXTS = ['text', 'message', 'content', 'summary'] as const

function textParts(content: Fields): ItemParts {
  const key = TEXTS.find((name) => typeof content[name] === 'string')
  if (key === undefined) return { value: content }
  const { [key]: text, name, level, ...rest } = content
  const front = [name, level].find((each) => typeof each === 'string' && each !== '')
  return {
    ...(typeof front === 'string' ? { name: front } : {}),
    text: String(text),
    ...(Object.keys(rest).length === 0 ? {} : { value: rest }),
  }
}

function named(content: Fields, names: readonly string[], values: readonly string[]): ItemParts {
  const name = names.find((each) => typeof content[each] === 'string')
  if (name === undefined) return textParts(content)
  const value = values.find((each) => each in content)
  const { [name]: tool, ...rest } = content
  const isOnly = value !== undefined && Object.keys(rest).length === 1
  if (Object.keys(rest).length === 0) return { name: String(tool) }
  const shown = isOnly ? rest[value] : rest
  return { name: String(tool), ...(typeof shown === 'string' ? { text: shown } : { value: shown }) }
}

function artifactParts(content: Fields): ItemParts {
  const { url, name, title, ...rest } = content
  const href = typeof url === 'string' ? webAddress(url) : undefined
  const label = [name, title, url].find((each) => typeof each === 'string' && each !== '')
  if (href === undefined) return textParts(content)
  return { text: String(label), href, ...(Object.keys(rest).length === 0 ? {} : { value: rest }) }
}

/** Only addresses of the web become links: anything else in a log could do harm when clicked. */
export function webAddress(text: string): string | undefined {
  return /^https?:\/\/\S+$/i.test(text) && URL.canParse(text) ? text : undefined
}

const ENDS: ReadonlySet<string> = new Set(['approved', 'denied', 'answered', 'expired', 'cancelled'])

function decisionParts(content: Fields): ItemParts {
  const { action, requestId, status, prompt, reason, respondedBy } = content
  if (typeof requestId !== 'string' || (action !== 'requested' && action !== 'resolved')) return textParts(content)
  if (action === 'requested') {
    const value = content.arguments
    return {
      ...(typeof prompt === 'string' ? { text: prompt } : {}),
      ...(value === undefined ? {} : { value }),
      decision: { requestId, action },
    }
  }
  const value = content.response ?? content.arguments
  return {
    ...(value === undefined ? {} : typeof value === 'string' ? { text: value } : { value }),
    decision: {
      requestId,
      action,
      // The engine wrote it.
      ...(typeof status === 'string' && ENDS.has(status)
        ? { status: status as Exclude<RequestStatus, 'pending'> }
        : {}),
      ...(typeof respondedBy === 'string' ? { by: respondedBy } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    },
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The items before the one that asked a question; undefined when that is not among them. */
export function itemsBeforeRequest(
  items: readonly SessionItem[],
  requestId: string,
): readonly SessionItem[] | undefined {
  const at = items.findIndex((item) => item.type === 'decision' && partsOf(item).decision?.requestId === requestId)
  return at < 0 ? undefined : items.slice(0, at)
}
