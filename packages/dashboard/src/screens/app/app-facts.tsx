// What is known about the app: its state, address, SDK, signatures.

import type { App, AppSync, AppTest } from '../../api/index.ts'
import { useInfo } from '../../api/index.ts'
import { CopyButton, type Fact, Facts, Num, Panel, Status, Time } from '../../ui/index.ts'
import { reachOf, sdkText } from '../apps/app-state.ts'
import { SyncCell } from '../apps/app-table.tsx'
import { messages } from './messages.ts'
import { signatureOf } from './signature.ts'

const t = messages.facts

export interface AppFactsProps {
  readonly app: App
  readonly syncs: readonly AppSync[] | undefined
  readonly test: AppTest | undefined
}

export function AppFacts(props: AppFactsProps) {
  return (
    <Panel title={t.title}>
      <Facts facts={useFacts(props)} />
    </Panel>
  )
}

function useFacts({ app, syncs, test }: AppFactsProps): readonly (Fact | false)[] {
  const info = useInfo().data
  const { latestSync: sync } = app
  const reach = reachOf(app)
  const signature = info === undefined ? undefined : signatureOf({ info, syncs, test })
  const none = <span className="text-muted">{t.none}</span>
  return [
    {
      label: t.state,
      value: (
        <span className="inline-flex flex-wrap items-center gap-x-2">
          <Status kind={reach.kind} word={reach.word} />
          {app.isPaused && <Status kind="paused" />}
        </span>
      ),
    },
    {
      label: t.url,
      value:
        sync?.url === undefined ? (
          none
        ) : (
          <span className="inline-flex max-w-full items-start gap-1">
            <bdi className="mono min-w-0 break-all pt-0.5 text-xs">{sync.url}</bdi>
            <CopyButton text={sync.url} />
          </span>
        ),
    },
    { label: t.method, value: t.methods[app.method] },
    { label: t.sdk, value: sdkText(sync) ?? none },
    { label: t.framework, value: sync?.framework ?? none },
    app.appVersion !== undefined && { label: t.version, value: <bdi className="mono">{app.appVersion}</bdi> },
    { label: t.functions, value: <Num value={app.functionCount ?? 0} /> },
    {
      label: t.sync,
      value: <SyncCell app={app} />,
    },
    signature !== undefined && {
      label: t.signature,
      value: (
        <span className="inline-flex items-start gap-1.5">
          <span className="mt-0.75">
            <Status kind={signature.kind} look="icon" />
          </span>
          {signature.text}
        </span>
      ),
    },
    { label: t.since, value: <Time at={app.createdAt} look="date" /> },
  ]
}
