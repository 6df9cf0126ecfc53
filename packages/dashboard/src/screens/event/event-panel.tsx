// An event beside the list of events.

import { Link } from '@tanstack/react-router'
import { ExternalLink, X } from 'lucide-react'
import { useEvent } from '../../api/index.ts'
import { buttonClass, IconButton, Loaded, Skeleton } from '../../ui/index.ts'
import { EventActions } from './event-actions.tsx'
import { EventView } from './event-view.tsx'
import { messages } from './messages.ts'

export interface EventPanelProps {
  readonly eventId: string
  readonly onClose: () => void
}

export function EventPanel({ eventId, onClose }: EventPanelProps) {
  const event = useEvent(eventId)
  return (
    <aside
      aria-label={messages.panel(event.data?.name ?? eventId)}
      className="flex h-full min-h-0 min-w-0 flex-col bg-raised"
    >
      <div className="flex items-center gap-1 border-border border-b px-2 py-1">
        <Link to="/events/$eventId" params={{ eventId }} className={`${buttonClass('quiet', 'sm')} gap-1.5`}>
          <ExternalLink size={13} aria-hidden />
          {messages.openPage}
        </Link>
        <span className="flex-1" />
        <IconButton size="sm" label={messages.closePanel} icon={X} keys="escape" onClick={onClose} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: an area that scrolls must be reachable by keyboard. */}
      <div tabIndex={0} className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3 outline-offset-[-2px]">
        <Loaded query={event} errorTitle={messages.failed} skeleton={<Skeleton className="h-60 w-full" />}>
          {(data) => (
            <>
              <h2 className="break-words font-semibold text-base">
                <bdi>{data.name}</bdi>
              </h2>
              <div className="flex flex-wrap gap-1.5">
                <EventActions event={data} />
              </div>
              <EventView event={data} look="panel" />
            </>
          )}
        </Loaded>
      </div>
    </aside>
  )
}
