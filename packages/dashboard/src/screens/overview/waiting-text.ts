// The short reason why a run waits, in words. Pure; when it ends is shown beside it.

import type { WaitingBrief } from '../../api/types.ts'
import { messages } from './messages.ts'

const t = messages.brief

export function waitingText(waiting: WaitingBrief | undefined): string {
  if (waiting === undefined) return t.unknown
  const said = t[waiting.code]
  return typeof said === 'string' ? said : said(waiting.name)
}
