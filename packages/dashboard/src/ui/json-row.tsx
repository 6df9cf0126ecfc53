// One row of the JSON tree, and the two tools that it shows when one points at it or reaches it by keyboard. The tree
// draws only the rows that are seen, so a row must be cheap: no tooltip machinery, no parsing but of its own value.

import { ChevronDown, ChevronRight, Copy, Route } from 'lucide-react'
import { cx } from './class-names.ts'
import { copyText } from './copy.tsx'
import { ARRAY, decodeString, type JsonIndex, keyOf, OBJECT, pathOf } from './json-index.ts'
import { visibleString } from './json-text.ts'
import { JsonValue } from './json-value.tsx'
import { messages } from './messages.ts'

export interface JsonRowProps {
  readonly measure: (element: Element | null) => void
  readonly at: number
  readonly node: number
  readonly index: JsonIndex
  readonly root: string
  readonly isOpen: boolean
  readonly isWrapped: boolean
  readonly isFocused: boolean
  readonly isHit: boolean
  readonly isCurrentHit: boolean
  readonly isWhole: boolean
  readonly onWhole: () => void
  readonly onTurn: () => void
  readonly onFocus: () => void
}

/** A row of the tree: a key and a value, or the closing bracket of a container. */
export function JsonRow(props: JsonRowProps) {
  const { measure, at, index, isOpen, isWrapped, isFocused, isHit, isCurrentHit, onTurn, onFocus } = props
  const isClosing = props.node < 0
  const node = isClosing ? -props.node - 1 : props.node
  const kind = index.kind[node] ?? 0
  const depth = index.depth[node] ?? 0
  const isContainer = kind <= ARRAY
  const size = index.size[node] ?? 0
  const key = keyOf(index, node)
  const [open, close] = kind === OBJECT ? ['{', '}'] : ['[', ']']
  const canTurn = isContainer && size > 0 && !isClosing
  return (
    <div
      ref={measure}
      data-index={at}
      data-at={at}
      role="treeitem"
      aria-level={depth + 1}
      aria-expanded={canTurn ? isOpen : undefined}
      aria-selected={isFocused}
      tabIndex={isFocused ? 0 : -1}
      onFocus={onFocus}
      className={cx(
        'group relative flex min-h-5 pr-16 pl-1 outline-offset-[-2px] hover:bg-hover',
        isWrapped ? 'break-all' : 'whitespace-nowrap',
        isCurrentHit && 'bg-mark',
      )}
    >
      <span aria-hidden className="shrink-0" style={{ width: depth * 14 }} />
      {canTurn ? (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          onClick={onTurn}
          className="inline-flex h-5 w-4 shrink-0 items-center justify-center text-muted hover:text-text"
        >
          {isOpen ? <ChevronDown size={12} /> : <ChevronRight size={12} />}
        </button>
      ) : (
        <span aria-hidden className="w-4 shrink-0" />
      )}
      <span className="min-w-0">
        {!isClosing && key !== undefined && (
          <>
            <bdi className={cx('text-(--json-key)', isHit && 'bg-mark')}>{visibleString(key)}</bdi>
            <span className="text-muted">: </span>
          </>
        )}
        {!isClosing && key === undefined && depth > 0 && (
          <span className="select-none text-muted">{`${index.place[node]}: `}</span>
        )}
        {isClosing ? (
          <span className="text-muted">{close}</span>
        ) : isContainer ? (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: arrows and Enter on the row do the same.
          <span className={cx('text-muted', canTurn && 'cursor-pointer')} onClick={canTurn ? onTurn : undefined}>
            {size === 0 ? `${open}${close}` : isOpen ? open : `${open}…${close} `}
            {size > 0 && !isOpen && (
              <span className="font-sans text-2xs">
                {kind === OBJECT ? messages.json.keys(size) : messages.json.items(size)}
              </span>
            )}
          </span>
        ) : (
          <JsonValue index={index} node={node} isMarked={isHit} isWhole={props.isWhole} onWhole={props.onWhole} />
        )}
      </span>
      {!isClosing && <RowTools index={index} node={node} root={props.root} isFocused={isFocused} />}
    </div>
  )
}

function RowTools({
  index,
  node,
  root,
  isFocused,
}: {
  readonly index: JsonIndex
  readonly node: number
  readonly root: string
  readonly isFocused: boolean
}) {
  const tab = isFocused ? 0 : -1
  return (
    <span
      className={cx(
        'absolute top-0 right-1 flex rounded-md bg-raised opacity-0 focus-within:opacity-100 group-hover:opacity-100 group-focus:opacity-100',
      )}
    >
      <ToolButton
        label={messages.json.copyValue}
        icon={Copy}
        tabIndex={tab}
        onClick={() => void copyText(valueText(index, node))}
      />
      <ToolButton
        label={messages.json.copyPath}
        icon={Route}
        tabIndex={tab}
        onClick={() => void copyText(pathOf(index, node, root))}
      />
    </span>
  )
}

interface ToolProps {
  readonly label: string
  readonly icon: typeof Copy
  readonly tabIndex: number
  readonly onClick: () => void
}

/** Without the tooltip's machinery: there are two for each row that is drawn. */
function ToolButton({ label, icon: Icon, tabIndex, onClick }: ToolProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      tabIndex={tabIndex}
      onClick={onClick}
      className="inline-flex h-5 w-6 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text"
    >
      <Icon size={12} aria-hidden />
    </button>
  )
}

/** What copying a value gives: a string without quotes, anything else as JSON, indented. */
function valueText(index: JsonIndex, node: number): string {
  const text = index.text.slice(index.start[node], index.end[node])
  if (text.startsWith('"')) return decodeString(text)
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
