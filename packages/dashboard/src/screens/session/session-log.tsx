// The log of a session from the oldest to the newest item, read from its end. It grows by itself at the bottom; who reads
// further up is not moved, and is told that there is more.

import { ArrowDown } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { type Session, type SessionItemType, useSessionItems } from '../../api/index.ts'
import { announce, Button, formatNumber, Loaded, MultiSelect, Panel, Skeleton } from '../../ui/index.ts'
import { LogItem } from './log-item.tsx'
import { messages } from './messages.ts'

const TYPES: readonly SessionItemType[] = [
  'message',
  'tool_call',
  'tool_result',
  'artifact',
  'log',
  'error',
  'decision',
  'custom',
]

export interface SessionLogProps {
  readonly session: Session
  readonly types: readonly SessionItemType[]
  readonly onTypes: (types: readonly SessionItemType[]) => void
}

export function SessionLog({ session, types, onTypes }: SessionLogProps) {
  const { items, query, earlier } = useSessionItems(session)
  const shown = types.length === 0 ? items : items.filter((item) => types.includes(item.type))
  const end = useRef<HTMLDivElement>(null)
  const fresh = useFresh(items.at(-1)?.seq, end)
  return (
    <Panel
      title={messages.log}
      actions={
        <MultiSelect
          label={messages.filter}
          value={types}
          options={TYPES.map((value) => ({ value, label: messages.types[value] }))}
          onChange={onTypes}
        />
      }
    >
      <Loaded query={query} errorTitle={messages.logFailed} skeleton={<Skeleton className="h-64 w-full" />}>
        {() => (
          <>
            {earlier > 0 && (
              <div className="mb-4 flex flex-wrap items-center gap-3">
                <Button isBusy={query.isFetchingPreviousPage} onClick={() => void query.fetchPreviousPage()}>
                  {messages.earlier(formatNumber(earlier))}
                </Button>
                {types.length > 0 && <span className="text-muted text-xs">{messages.filterPartly}</span>}
              </div>
            )}
            {shown.length === 0 ? (
              <NoItems isFiltered={items.length > 0} onClear={() => onTypes([])} />
            ) : (
              <ol aria-label={messages.log}>
                {shown.map((item) => (
                  <LogItem key={item.id} item={item} />
                ))}
              </ol>
            )}
            <div ref={end} />
            {fresh > 0 && (
              <div className="sticky bottom-3 flex justify-center">
                <Button
                  look="primary"
                  icon={ArrowDown}
                  onClick={() => end.current?.scrollIntoView({ block: 'end' })}
                  hint={messages.toEnd}
                >
                  {messages.newItems(fresh)}
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function NoItems({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  if (isFiltered) {
    return (
      <p className="flex items-center gap-3 text-muted">
        {messages.noneOfKind}
        <Button size="sm" onClick={onClear}>
          {messages.clear}
        </Button>
      </p>
    )
  }
  return (
    <p className="text-muted">
      {messages.none}. {messages.noneText}
    </p>
  )
}

/** How many items have come while the end of the log was out of sight. */
function useFresh(last: number | undefined, end: React.RefObject<HTMLElement | null>): number {
  const [seen, setSeen] = useState<number>()
  const [isAtEnd, setIsAtEnd] = useState(false)
  const has = last !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: the element is there from the first item on.
  useEffect(() => {
    const element = end.current
    if (element === null) return
    const observer = new IntersectionObserver(([entry]) => setIsAtEnd(entry?.isIntersecting ?? false))
    observer.observe(element)
    return () => observer.disconnect()
  }, [has, end])
  useEffect(() => {
    if (last !== undefined && (isAtEnd || seen === undefined)) setSeen(last)
  }, [last, isAtEnd, seen])
  const count = last === undefined || seen === undefined ? 0 : Math.max(0, last - seen)
  const before = useRef(0)
  useEffect(() => {
    if (count > before.current) announce(messages.newItems(count))
    before.current = count
  }, [count])
  return count
}
