// A single value in the JSON tree: strings cut at 500 characters with a way to the rest, links that may be opened, and
// instants with both zones on hover.

import { cx } from './class-names.ts'
import { formatExact, formatExactTime } from './format.ts'
import { decodeString, type JsonIndex, NUMBER, STRING } from './json-index.ts'
import { instantOfText, linkOf, visibleString } from './json-text.ts'
import { messages } from './messages.ts'

/** Longer strings are cut. */
const STRING_MAX = 500

export interface JsonValueProps {
  readonly index: JsonIndex
  readonly node: number
  readonly isMarked: boolean
  readonly isWhole: boolean
  readonly onWhole: () => void
}

export function JsonValue({ index, node, isMarked, isWhole, onWhole }: JsonValueProps) {
  const kind = index.kind[node]
  const source = index.text.slice(index.start[node], index.end[node])
  if (kind === STRING)
    return <StringValue text={decodeString(source)} isMarked={isMarked} isWhole={isWhole} onWhole={onWhole} />
  const isNumber = kind === NUMBER
  return (
    <span
      className={cx(isNumber ? 'text-(--json-number)' : 'text-(--json-literal)', isMarked && 'bg-mark')}
      title={isNumber ? epochTitle(Number(source)) : undefined}
    >
      {source}
    </span>
  )
}

/** Numbers that read as milliseconds of this century: most likely instants. */
function epochTitle(value: number): string | undefined {
  if (!Number.isInteger(value) || value < 978_307_200_000 || value > 4_102_444_800_000) return undefined
  return timeTitle(value)
}

function timeTitle(at: number): string {
  return `${formatExactTime(at, 'local')}\n${formatExactTime(at, 'utc')}`
}

interface StringProps {
  readonly text: string
  readonly isMarked: boolean
  readonly isWhole: boolean
  readonly onWhole: () => void
}

function StringValue({ text, isMarked, isWhole, onWhole }: StringProps) {
  const isCut = text.length > STRING_MAX && !isWhole
  const shown = visibleString(isCut ? text.slice(0, STRING_MAX) : text)
  const link = text.length <= 2000 ? linkOf(text) : undefined
  const at = text.length < 40 ? instantOfText(text) : undefined
  const className = cx('text-(--json-string)', isMarked && 'bg-mark')
  return (
    <>
      {link === undefined ? (
        <bdi className={className} title={at === undefined ? undefined : timeTitle(at)}>
          {shown}
        </bdi>
      ) : (
        <a
          href={link}
          target="_blank"
          rel="noreferrer noopener"
          title={messages.json.openLink}
          className={cx(className, 'underline decoration-dotted underline-offset-2')}
        >
          <bdi>{shown}</bdi>
        </a>
      )}
      {isCut && (
        <button type="button" onClick={onWhole} className="link ml-1 font-sans text-2xs">
          {messages.json.showAll(formatExact(text.length))}
        </button>
      )}
    </>
  )
}
