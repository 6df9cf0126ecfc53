// One event: what it carried, what became of it, and what can be done with it.

import { Link, useParams } from '@tanstack/react-router'
import { Zap } from 'lucide-react'
import { ApiError, useEvent, useInfo } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import { buttonClass, Empty, Loaded, RefreshBar, Skeleton } from '../../ui/index.ts'
import { EventActions } from './event-actions.tsx'
import { EventView } from './event-view.tsx'
import { messages } from './messages.ts'

export function Screen() {
  const { eventId } = useParams({ from: '/events/$eventId' })
  const event = useEvent(eventId)
  const isAbsent = event.data === undefined && event.error instanceof ApiError && event.error.status === 404
  const name = event.data?.name
  return (
    <Page
      title={name ?? messages.title}
      heading={<bdi>{name ?? messages.title}</bdi>}
      trail={[
        <Link key="events" to="/events" className="quiet-link">
          {messages.trail}
        </Link>,
      ]}
      actions={event.data && <EventActions event={event.data} />}
    >
      <RefreshBar isActive={event.isFetching && !event.isPending} />
      {isAbsent ? (
        <Absent id={eventId} />
      ) : (
        <Loaded query={event} errorTitle={messages.failed} skeleton={<Waiting />}>
          {(data) => <EventView event={data} look="page" />}
        </Loaded>
      )}
    </Page>
  )
}

function Waiting() {
  return (
    <div className="flex flex-col gap-4">
      <Skeleton className="h-9 w-120 max-w-full" />
      <Skeleton className="h-80 w-full" />
    </div>
  )
}

function Absent({ id }: { readonly id: string }) {
  const info = useInfo()
  return (
    <Empty
      icon={Zap}
      title={messages.absent(id)}
      action={
        <Link to="/events" className={buttonClass()}>
          {messages.back}
        </Link>
      }
    >
      {info.data && messages.absentHint(info.data.retentionDays)}
    </Empty>
  )
}
