// The last items before a question: what whoever decides needs to know. The whole log is one link away.

import { Link } from '@tanstack/react-router'
import { useLastItems, useSession } from '../../api/index.ts'
import { Loaded, Panel, Skeleton } from '../../ui/index.ts'
import { itemsBeforeRequest } from '../session/item-content.ts'
import { LogItem } from '../session/log-item.tsx'
import { messages } from './messages.ts'

/** So many are shown: the newest say most. */
const SHOWN = 8

export interface ContextItemsProps {
  readonly sessionId: string
  readonly requestId: string
}

export function ContextItems({ sessionId, requestId }: ContextItemsProps) {
  const { data: session } = useSession(sessionId)
  const items = useLastItems(session)
  return (
    <Panel
      title={messages.context}
      actions={
        <Link to="/sessions/$sessionId" params={{ sessionId }} className="link text-xs">
          {messages.openLog}
        </Link>
      }
    >
      <Loaded query={items} errorTitle={messages.contextFailed} skeleton={<Skeleton className="h-40 w-full" />}>
        {(all) => {
          const before = itemsBeforeRequest(all, requestId)
          if (before === undefined) return <p className="text-muted">{messages.contextOlder}</p>
          if (before.length === 0) return <p className="text-muted">{messages.contextNone}</p>
          return (
            <ol>
              {before.slice(-SHOWN).map((item) => (
                <LogItem key={item.id} item={item} />
              ))}
            </ol>
          )
        }}
      </Loaded>
    </Panel>
  )
}
