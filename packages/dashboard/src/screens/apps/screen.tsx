// The apps that this server calls: whether each can be reached, what it runs on, when it last synced; and the way to connect
// another one.

import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { AppWindow, Plug } from 'lucide-react'
import { prefix, useApps, useInfo } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  Empty,
  ErrorView,
  FilterBar,
  RefreshBar,
  Segmented,
  SkeletonRows,
  useCommands,
  useIsSlow,
} from '../../ui/index.ts'
import { AppTable } from './app-table.tsx'
import { ConnectDialog } from './connect-dialog.tsx'
import { connectLines } from './connect-lines.ts'
import { messages } from './messages.ts'

export function Screen() {
  const { archived = false, connect = false } = useSearch({ from: '/apps' })
  const navigate = useNavigate({ from: '/apps' })
  const show = (isArchived: boolean) => void navigate({ search: isArchived ? { archived: true } : {}, replace: true })
  const setConnect = (isOpen: boolean) =>
    void navigate({
      search: { ...(archived ? { archived } : {}), ...(isOpen ? { connect: true } : {}) },
      replace: !isOpen,
    })
  const openConnect = () => setConnect(true)
  useCommands([{ label: messages.connect.button, keys: 'n', run: openConnect }])
  return (
    <Page
      title={messages.title}
      isFull
      actions={
        <Button look="primary" icon={Plug} keys="n" onClick={openConnect}>
          <span className="max-[560px]:sr-only">{messages.connect.button}</span>
        </Button>
      }
    >
      <div className="shrink-0 border-border border-b px-3 py-2">
        <FilterBar label={messages.which}>
          <Segmented
            label={messages.which}
            value={archived ? 'archived' : 'active'}
            options={[
              { value: 'active', label: messages.active },
              { value: 'archived', label: messages.archived },
            ]}
            onChange={(value) => show(value === 'archived')}
          />
        </FilterBar>
      </div>
      <Apps isArchived={archived} onConnect={openConnect} />
      {connect && <ConnectDialog onClose={() => setConnect(false)} />}
    </Page>
  )
}

interface AppsProps {
  readonly isArchived: boolean
  readonly onConnect: () => void
}

function Apps({ isArchived, onConnect }: AppsProps) {
  const router = useRouter()
  const list = useApps(isArchived ? { archived: true } : {})
  const { rows, error, isPending, isRefreshing, refetch, updatedAt } = list
  const isSlow = useIsSlow(isPending)
  if (isPending && error === null) return isSlow ? <SkeletonRows height={40} /> : null
  // Rows of the other choice stay while this one is read.
  const apps = rows.filter((app) => (app.isArchived ?? false) === isArchived)
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <RefreshBar isActive={isRefreshing} />
      {error !== null && (
        <div className="p-3">
          <ErrorView
            error={error}
            title={messages.failed}
            onRetry={refetch}
            shownAt={apps.length > 0 ? updatedAt : undefined}
          />
        </div>
      )}
      {apps.length > 0 && (
        <AppTable
          apps={apps}
          onOpen={({ id }, { isNewTab }) => {
            const to = { to: '/apps/$appId', params: { appId: id } } as const
            if (isNewTab) window.open(router.buildLocation(to).href, '_blank', 'noopener')
            else void router.navigate(to)
          }}
        />
      )}
      {apps.length === 0 && error === null && !isRefreshing && <NoApps isArchived={isArchived} onConnect={onConnect} />}
    </div>
  )
}

function NoApps({ isArchived, onConnect }: AppsProps) {
  const mode = useInfo().data?.mode ?? 'dev'
  const { empty, connect } = messages
  if (isArchived) return <Empty title={empty.archived}>{empty.archivedText}</Empty>
  return (
    <Empty
      icon={AppWindow}
      title={empty.title}
      code={connectLines('typescript', { mode, origin: location.origin + prefix }).start}
      action={
        <Button look="primary" icon={Plug} onClick={onConnect}>
          {connect.button}
        </Button>
      }
    >
      {empty.text}
    </Empty>
  )
}
