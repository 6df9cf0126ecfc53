// A text as it was stored, in pieces that are drawn only where they are seen: one line of 5 MB would stop the page.

import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import { cx } from './class-names.ts'
import { messages } from './messages.ts'

const ROW_PX = 20
const LINE_CHARS = 2000

export interface RawTextProps {
  readonly text: string
  readonly label: string
  readonly isWrapped: boolean
  readonly isJson: boolean
  readonly maxHeight?: number | undefined
}

/** The text as it is, in pieces that are drawn only where they are seen: one line of 5 MB would stop the page. */
export function RawText({ text, label, isWrapped, isJson, maxHeight = 480 }: RawTextProps) {
  const ref = useRef<HTMLElement>(null)
  const lines = useMemo(() => text.split('\n').flatMap(pieces), [text])
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => ref.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  const items = virtual.getVirtualItems()
  return (
    <section
      ref={ref}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="mono min-h-0 overflow-auto px-3 py-2 text-xs leading-5"
      style={{ maxHeight }}
    >
      {!isJson && <p className="mb-1 font-sans text-muted">{messages.json.notJson}</p>}
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
          {items.map((item) => (
            <pre
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={cx('mono text-xs leading-5', isWrapped ? 'whitespace-pre-wrap break-all' : 'whitespace-pre')}
            >
              <bdi>{lines[item.index] || ' '}</bdi>
            </pre>
          ))}
        </div>
      </div>
    </section>
  )
}

function pieces(line: string): readonly string[] {
  if (line.length <= LINE_CHARS) return [line]
  return Array.from({ length: Math.ceil(line.length / LINE_CHARS) }, (_, at) =>
    line.slice(at * LINE_CHARS, (at + 1) * LINE_CHARS),
  )
}
