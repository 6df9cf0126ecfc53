// One app: can it be reached and why not, what it serves, how its syncs went; and what can be done about it.

import { Link, useParams } from '@tanstack/react-router'
import { Archive, CirclePause, CirclePlay, Ellipsis, PencilLine, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { ApiError, type App, useApp, useAppSyncs, useSyncApp, useUnpauseApp } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import {
  Button,
  buttonClass,
  Empty,
  IconButton,
  Loaded,
  Menu,
  Notice,
  Skeleton,
  Time,
  toast,
  useCommands,
} from '../../ui/index.ts'
import { reachOf } from '../apps/app-state.ts'
import { ArchiveApp, EditUrl, PauseApp } from './app-dialogs.tsx'
import { AppFacts } from './app-facts.tsx'
import { AppFunctions } from './app-functions.tsx'
import { AppSyncs } from './app-syncs.tsx'
import { AppTestPanel, useAppTest } from './app-test.tsx'
import { messages } from './messages.ts'

const t = messages.actions

export function Screen() {
  const { appId } = useParams({ from: '/apps/$appId' })
  const query = useApp(appId)
  const app = query.data
  if (query.error instanceof ApiError && query.error.status === 404 && app === undefined) return <Gone appId={appId} />
  if (app !== undefined) return <AppPage key={appId} app={app} query={query} />
  return (
    <Page title={appId} trail={trail}>
      <Loaded query={query} errorTitle={messages.failed} skeleton={<Waiting />}>
        {() => null}
      </Loaded>
    </Page>
  )
}

const trail = [
  <Link key="apps" to="/apps">
    {messages.apps}
  </Link>,
]

function Waiting() {
  return (
    <div className="grid grid-cols-1 gap-4 min-[1100px]:grid-cols-[minmax(0,1fr)_24rem]">
      <Skeleton className="h-64 w-full" />
      <Skeleton className="h-64 w-full" />
    </div>
  )
}

function Gone({ appId }: { readonly appId: string }) {
  return (
    <Page title={appId} trail={trail}>
      <Empty
        title={messages.gone(appId)}
        action={
          <Link to="/apps" className={buttonClass()}>
            {messages.back}
          </Link>
        }
      >
        {messages.goneText}
      </Empty>
    </Page>
  )
}

type Asking = 'url' | 'pause' | 'archive'

interface AppPageProps {
  readonly app: App
  readonly query: ReturnType<typeof useApp>
}

function AppPage({ app, query }: AppPageProps) {
  const [asking, setAsking] = useState<Asking>()
  const syncs = useAppSyncs(app.id)
  const hasUrl = app.method === 'SERVE' && app.latestSync?.url !== undefined
  const test = useAppTest(app.id, hasUrl && reachOf(app).isBad)
  const sync = useSync(app, () => {
    void query.refetch()
    void syncs.refetch()
    // What was found before the sync is no longer true.
    test.reset()
  })
  const resume = useUnpauseApp({ onSuccess: () => toast.success(t.resumed(app.id)) })
  const reason = hasUrl ? undefined : t.noUrl
  const runTest = () => test.mutate({ appId: app.id })
  const close = () => setAsking(undefined)
  const turn = () => (app.isPaused ? resume.mutate({ appId: app.id }) : setAsking('pause'))
  const archived = app.isArchived && t.archived
  useCommands([
    { label: t.sync, keys: 's', reason, run: sync.run },
    { label: messages.test.button, keys: 't', reason, run: runTest },
    { label: t.editUrl, reason, run: () => setAsking('url') },
    { label: app.isPaused ? t.resume : t.pause, reason: archived, run: turn },
    { label: t.archive, reason: archived, run: () => setAsking('archive') },
  ])
  const syncButton = (
    <Button icon={RefreshCw} isBusy={sync.isPending} onClick={sync.run}>
      {t.sync}
    </Button>
  )
  return (
    <Page
      title={app.id}
      trail={trail}
      actions={
        <>
          <Button look="primary" icon={RefreshCw} keys="s" isBusy={sync.isPending} reason={reason} onClick={sync.run}>
            <span className="max-[560px]:sr-only">{t.sync}</span>
          </Button>
          <Menu
            trigger={<IconButton label={t.menu} icon={Ellipsis} look="plain" />}
            items={[
              { label: t.editUrl, icon: PencilLine, reason, onSelect: () => setAsking('url') },
              {
                label: app.isPaused ? t.resume : t.pause,
                icon: app.isPaused ? CirclePlay : CirclePause,
                reason: archived,
                onSelect: turn,
              },
              'separator',
              {
                label: t.archive,
                icon: Archive,
                isDanger: true,
                reason: archived,
                onSelect: () => setAsking('archive'),
              },
            ]}
          />
        </>
      }
    >
      <Loaded query={query} errorTitle={messages.failed}>
        {(shown) => (
          <>
            {shown.isArchived && <Notice>{messages.archived}</Notice>}
            <PausedNotice app={shown} onResume={turn} />
            <TroubleNotice app={shown} hasCause={test.data?.cause !== undefined} />
            <div className="grid grid-cols-1 items-start gap-4 min-[1100px]:grid-cols-[minmax(0,1fr)_24rem]">
              <div className="flex min-w-0 flex-col gap-4 min-[1100px]:order-2">
                <AppTestPanel test={test} onTest={runTest} reason={reason} syncButton={syncButton} />
                <AppFacts app={shown} syncs={syncs.data} test={test.data} />
              </div>
              <div className="flex min-w-0 flex-col gap-4">
                <AppFunctions app={shown} />
                <AppSyncs query={syncs} />
              </div>
            </div>
          </>
        )}
      </Loaded>
      {asking === 'url' && <EditUrl app={app} onClose={close} />}
      {asking === 'pause' && <PauseApp app={app} onClose={close} />}
      {asking === 'archive' && <ArchiveApp app={app} onClose={close} />}
    </Page>
  )
}

function useSync(app: App, onEnd: () => void) {
  const sync = useSyncApp({
    onSettled: onEnd,
    onSuccess: ({ status }) =>
      toast.success(t.synced(app.id), { detail: status === 'duplicate' ? t.unchanged : t.changed }),
  })
  return { isPending: sync.isPending, run: () => sync.mutate({ appId: app.id }) }
}

function PausedNotice({ app: { pause, isPaused }, onResume }: { readonly app: App; readonly onResume: () => void }) {
  const words = messages.paused
  if (!isPaused || pause === undefined) return null
  return (
    <Notice
      tone="warn"
      action={
        <Button size="sm" icon={CirclePlay} onClick={onResume}>
          {t.resume}
        </Button>
      }
    >
      <p>
        <span className="font-medium">{words.title}</span> {words.by} <bdi>{pause.by}</bdi> {words.since}{' '}
        <Time at={pause.since} />
        {pause.until != null && (
          <>
            , {words.until} <Time at={pause.until} />
          </>
        )}
        . {words[pause.new]}
      </p>
    </Notice>
  )
}

/** The server's own word on the trouble; once a test has found the cause, that stands beside it. */
function TroubleNotice({ app, hasCause }: { readonly app: App; readonly hasCause: boolean }) {
  const { isBad, cause, since } = reachOf(app)
  if (!isBad || (hasCause && since === undefined)) return null
  return (
    <Notice tone="bad">
      {since === undefined ? (
        messages.syncFailed
      ) : (
        <>
          {messages.unreachable} <Time at={since} />.
        </>
      )}{' '}
      {!hasCause && cause}
    </Notice>
  )
}
