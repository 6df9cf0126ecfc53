// The inbox: questions to people, the pending ones first, the oldest of them at the top. A click or Enter opens one.

import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { Inbox, UserCheck } from 'lucide-react'
import { useState } from 'react'
import { type Request, type RequestStatus, useRequests } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import { Empty, ErrorView, FilterBar, RefreshBar, Segmented, SkeletonRows, useIsSlow } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { RequestTable } from './request-table.tsx'

const DECIDED: readonly RequestStatus[] = ['approved', 'denied', 'answered', 'expired', 'cancelled']
const PENDING: readonly RequestStatus[] = ['pending']

export function Screen() {
  const { show } = useSearch({ from: '/approvals' })
  const navigate = useNavigate({ from: '/approvals' })
  return (
    <Page title={messages.title} isFull>
      <div className="shrink-0 border-border border-b px-3 py-2">
        <FilterBar label={messages.show}>
          <Segmented
            label={messages.show}
            value={show ?? 'pending'}
            options={[
              { value: 'pending', label: messages.pending },
              { value: 'decided', label: messages.decided },
            ]}
            onChange={(value) => void navigate({ search: value === 'decided' ? { show: value } : {}, replace: true })}
          />
          {show === undefined && <span className="ml-1 text-muted text-xs">{messages.pendingHint}</span>}
        </FilterBar>
      </div>
      <Requests isDecided={show === 'decided'} />
    </Page>
  )
}

function Requests({ isDecided }: { readonly isDecided: boolean }) {
  const router = useRouter()
  const list = useRequests({ status: isDecided ? DECIDED : PENDING })
  const { rows, error, isPending, isRefreshing, refetch, updatedAt } = list
  const isSlow = useIsSlow(isPending)
  const [activeId, setActiveId] = useState<string>()
  // One that was decided a moment ago stays until the list is read again: it says so, and nothing jumps.
  const shown = rows.filter((request) => (request.status !== 'pending') === isDecided || !isRefreshing)
  const open = ({ id }: Request, { isNewTab }: { readonly isNewTab: boolean }) => {
    const to = { to: '/requests/$requestId', params: { requestId: id } } as const
    if (isNewTab) window.open(router.buildLocation(to).href, '_blank', 'noopener')
    else void router.navigate(to)
  }
  if (isPending && error === null) return isSlow ? <SkeletonRows height={40} /> : null
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <RefreshBar isActive={isRefreshing} />
      {error !== null && (
        <div className="p-3">
          <ErrorView
            error={error}
            title={messages.failed}
            onRetry={refetch}
            shownAt={shown.length > 0 ? updatedAt : undefined}
          />
        </div>
      )}
      {shown.length > 0 ? (
        <RequestTable
          requests={shown}
          isDecided={isDecided}
          // The first one is chosen at once, so that Enter opens it.
          activeId={shown.some(({ id }) => id === activeId) ? activeId : shown[0]?.id}
          onActive={setActiveId}
          onOpen={open}
          more={{ hasMore: list.hasMore, isLoading: list.isLoadingMore, load: list.loadMore }}
        />
      ) : (
        error === null && !isRefreshing && <None isDecided={isDecided} />
      )}
    </div>
  )
}

function None({ isDecided }: { readonly isDecided: boolean }) {
  const { empty } = messages
  if (isDecided) {
    return (
      <Empty icon={UserCheck} title={empty.decided}>
        {empty.decidedText}
      </Empty>
    )
  }
  return (
    <Empty
      icon={Inbox}
      title={empty.title}
      code={empty.code}
      action={
        <Link to="/approvals" search={{ show: 'decided' }} className="link">
          {messages.decided}
        </Link>
      }
    >
      {empty.text}
    </Empty>
  )
}
