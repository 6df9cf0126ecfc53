// Sessions, those that changed last first: what each is about, how it stands, and whether it waits for a person.

import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { MessagesSquare } from 'lucide-react'
import { useState } from 'react'
import { type Session, type SessionStatus, useSessions } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  Empty,
  ErrorView,
  FilterBar,
  FilterChips,
  MultiSelect,
  RefreshBar,
  SearchField,
  SkeletonRows,
  Status,
  shortId,
  useIsSlow,
} from '../../ui/index.ts'
import { messages as sessionMessages } from '../session/messages.ts'
import { kindOfSession } from '../session/session-state.ts'
import { messages } from './messages.ts'
import type { sessionsSearch } from './search.ts'
import { SessionTable } from './session-table.tsx'

const STATES: readonly SessionStatus[] = ['waiting', 'running', 'completed', 'failed', 'cancelled']

type Search = ReturnType<typeof sessionsSearch>

export function Screen() {
  const search = useSearch({ from: '/sessions' })
  const navigate = useNavigate({ from: '/sessions' })
  const set = (part: { readonly [Name in keyof Search]?: Search[Name] | undefined }) => {
    const next = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined)
    void navigate({ search: Object.fromEntries(next), replace: true })
  }
  const clear = () => void navigate({ search: {}, replace: true })
  const { status = [], agent, jobId, runId } = search
  const chips = [
    agent !== undefined && { name: messages.agent, text: agent, onRemove: () => set({ agent: undefined }) },
    jobId !== undefined && { name: messages.job, text: shortId(jobId), onRemove: () => set({ jobId: undefined }) },
    runId !== undefined && { name: messages.run, text: shortId(runId), onRemove: () => set({ runId: undefined }) },
  ].filter((chip) => chip !== false)
  return (
    <Page title={messages.title} isFull>
      <div className="flex shrink-0 flex-col gap-2 border-border border-b px-3 py-2">
        <FilterBar label={messages.filters}>
          <MultiSelect
            label={messages.state}
            value={status}
            options={STATES.map((value) => ({
              value,
              label: sessionMessages.states[value],
              icon: <Status kind={kindOfSession(value)} look="icon" word={sessionMessages.states[value]} />,
            }))}
            onChange={(next) => set({ status: next.length === 0 ? undefined : next })}
          />
          <SearchField
            label={messages.agent}
            placeholder={messages.agentPlaceholder}
            value={agent ?? ''}
            onSearch={(text) => set({ agent: text.trim() === '' ? undefined : text.trim() })}
            className="max-w-72"
          />
        </FilterBar>
        <FilterChips chips={chips} onClearAll={clear} />
      </div>
      <Sessions search={search} onClear={clear} />
    </Page>
  )
}

function Sessions({ search, onClear }: { readonly search: Search; readonly onClear: () => void }) {
  const router = useRouter()
  const list = useSessions(search)
  const { rows, error, isPending, isRefreshing, refetch, updatedAt } = list
  const isSlow = useIsSlow(isPending)
  const [activeId, setActiveId] = useState<string>()
  const open = ({ id }: Session, { isNewTab }: { readonly isNewTab: boolean }) => {
    const to = { to: '/sessions/$sessionId', params: { sessionId: id } } as const
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
            shownAt={rows.length > 0 ? updatedAt : undefined}
          />
        </div>
      )}
      {rows.length > 0 ? (
        <SessionTable
          sessions={rows}
          activeId={activeId}
          onActive={setActiveId}
          onOpen={open}
          more={{ hasMore: list.hasMore, isLoading: list.isLoadingMore, load: list.loadMore }}
        />
      ) : (
        error === null && !isRefreshing && <None search={search} onClear={onClear} />
      )}
    </div>
  )
}

function None({ search, onClear }: { readonly search: Search; readonly onClear: () => void }) {
  const { empty } = messages
  const what = [
    search.status?.map((status) => sessionMessages.states[status]).join(', '),
    search.agent && `“${search.agent}”`,
    search.jobId && `${messages.job} ${shortId(search.jobId)}`,
    search.runId && `${messages.run} ${shortId(search.runId)}`,
  ].filter(Boolean)
  if (what.length > 0) {
    return (
      <Empty title={empty.filtered} action={<Button onClick={onClear}>{empty.clear}</Button>}>
        {empty.filteredText(what.join(', '))}
      </Empty>
    )
  }
  return (
    <Empty icon={MessagesSquare} title={empty.title} code={empty.code}>
      {empty.text}
    </Empty>
  )
}
