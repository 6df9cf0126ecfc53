// Payloads that were sent from this browser, to be sent again: the newest first, starred ones kept. They stay in the
// browser; large ones are left out, since its storage is small.

import { preference } from '../../ui/preference.ts'

export interface SentPayload {
  readonly name: string
  readonly dataText: string
  readonly at: number
  readonly isStarred?: boolean
}

/** Unstarred ones that are kept. */
const RECENT_MAX = 20
const STARRED_MAX = 50
/** Characters; a longer payload is not remembered. */
const TEXT_MAX = 32_768

const isSame = (a: SentPayload, b: SentPayload) => a.name === b.name && a.dataText === b.dataText

/** With a payload on top; one that is there already moves up and keeps its star. */
export function withSent(list: readonly SentPayload[], sent: SentPayload): readonly SentPayload[] {
  if (sent.dataText.length > TEXT_MAX) return list
  const known = list.find((each) => isSame(each, sent))
  const top = known?.isStarred ? { ...sent, isStarred: true } : sent
  return trimmed([top, ...list.filter((each) => each !== known)])
}

/** With the star of a payload turned. */
export function withStarTurned(list: readonly SentPayload[], payload: SentPayload): readonly SentPayload[] {
  return trimmed(list.map((each) => (isSame(each, payload) ? { ...each, isStarred: !each.isStarred } : each)))
}

export function withoutSent(list: readonly SentPayload[], payload: SentPayload): readonly SentPayload[] {
  return list.filter((each) => !isSame(each, payload))
}

/** Starred first, each part the newest first. */
export function inOrder(list: readonly SentPayload[]): readonly SentPayload[] {
  return list.toSorted((a, b) => Number(b.isStarred ?? false) - Number(a.isStarred ?? false) || b.at - a.at)
}

function trimmed(list: readonly SentPayload[]): readonly SentPayload[] {
  const starred = list.filter((each) => each.isStarred).slice(0, STARRED_MAX)
  const recent = list.filter((each) => !each.isStarred).slice(0, RECENT_MAX)
  return list.filter((each) => starred.includes(each) || recent.includes(each))
}

function parse(stored: unknown): readonly SentPayload[] | undefined {
  return Array.isArray(stored) ? stored.filter(isPayload) : undefined
}

function isPayload(value: unknown): value is SentPayload {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'dataText' in value &&
    typeof value.dataText === 'string' &&
    'at' in value &&
    typeof value.at === 'number'
  )
}

export const sentPreference = preference<readonly SentPayload[]>('sent-payloads', [], parse)
