// Bulk operations: what is being done to many runs, what was done, and the form for a new one. Which operation is open, and
// what the form begins with, stand in the address.

import { useNavigate, useSearch } from '@tanstack/react-router'
import { Layers, Plus } from 'lucide-react'
import { type Bulk, type List, useBulks } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  Empty,
  ErrorView,
  RefreshBar,
  SkeletonRows,
  SplitPane,
  useCommands,
  useIsSlow,
} from '../../ui/index.ts'
import { BulkDetail } from './bulk-detail.tsx'
import { BulkTable, NewButton } from './bulk-table.tsx'
import { messages } from './messages.ts'
import { NewBulk } from './new-bulk.tsx'

export function Screen() {
  const search = useSearch({ from: '/bulk' })
  const navigate = useNavigate({ from: '/bulk' })
  const list = useBulks()
  const { id } = search
  const isNew = search.new === true
  const openNew = () => void navigate({ search: { new: true } })
  const open = (next: string | undefined) =>
    void navigate({ search: next === undefined ? {} : { id: next }, replace: true })
  useCommands([
    { label: messages.new, keys: 'n', run: openNew },
    {
      label: messages.actions.close,
      keys: 'escape',
      isOn: id !== undefined,
      isKeyOnly: true,
      run: () => open(undefined),
    },
  ])
  return (
    <Page
      title={messages.title}
      isFull
      actions={
        <Button look="primary" icon={Plus} keys="n" onClick={openNew}>
          <span className="max-[560px]:sr-only">{messages.new}</span>
        </Button>
      }
    >
      <SplitPane
        name="bulk"
        share={0.62}
        className="relative flex-1"
        first={<Operations list={list} activeId={id} onOpen={open} onNew={openNew} />}
        second={id === undefined ? undefined : <BulkDetail key={id} id={id} onClose={() => open(undefined)} />}
      />
      {isNew && <NewBulk key={JSON.stringify(search)} search={search} onClose={() => open(undefined)} />}
    </Page>
  )
}

interface OperationsProps {
  readonly list: List<Bulk>
  readonly activeId: string | undefined
  readonly onOpen: (id: string) => void
  readonly onNew: () => void
}

function Operations({ list, activeId, onOpen, onNew }: OperationsProps) {
  const isSlow = useIsSlow(list.isPending)
  const { rows, error, isPending, isRefreshing, refetch, updatedAt } = list
  if (isPending && error === null) return isSlow ? <SkeletonRows height={40} /> : null
  return (
    <div className="relative flex h-full min-h-0 flex-col">
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
      {rows.length > 0 && <BulkTable list={list} activeId={activeId} onOpen={onOpen} />}
      {rows.length === 0 && error === null && (
        <Empty icon={Layers} title={messages.empty.title} action={<NewButton onClick={onNew} />}>
          {messages.empty.text}
        </Empty>
      )}
    </div>
  )
}
