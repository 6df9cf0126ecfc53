// The run beside the list of runs: the same view with less room. What is chosen in it is not the list's business and is
// kept here; the list keeps which run is open.

import { Link } from '@tanstack/react-router'
import { ExternalLink, X } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { apiUrl, useRun } from '../../api/index.ts'
import { buttonClass, IconButton, useCommands } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { RunPatch, RunState } from './run-state.ts'
import { RunView } from './run-view.tsx'
import type { RunSearch } from './search.ts'

export interface RunPanelProps {
  readonly runId: string
  readonly onClose: () => void
}

/** Summary, waterfall and payloads of a run. Escape closes it; J and K stay the list's. */
export function RunPanel({ runId, onClose }: RunPanelProps) {
  // Another run begins with nothing chosen; the tab stays, so that one can walk through the errors of a list.
  const [kept, setKept] = useState<{ readonly runId: string; readonly search: RunSearch }>({ runId, search: {} })
  const search = useMemo(() => (kept.runId === runId ? kept.search : withTab(kept.search)), [kept, runId])
  const change = useCallback(
    (patch: RunPatch) =>
      setKept((before) => {
        const base = before.runId === runId ? before.search : withTab(before.search)
        const next = Object.entries({ ...base, ...patch }).filter(([, value]) => value !== undefined)
        return { runId, search: Object.fromEntries(next) as RunSearch }
      }),
    [runId],
  )
  const state: RunState = useMemo(() => ({ search, change }), [search, change])
  const { data: run } = useRun(runId)
  useCommands([
    {
      label: messages.closePanel,
      keys: 'escape',
      isKeyOnly: true,
      run: () => (search.step === undefined ? onClose() : change({ step: undefined })),
    },
  ])
  return (
    <aside
      aria-label={messages.panel(run?.function.name ?? runId)}
      className="flex h-full min-h-0 min-w-0 flex-col bg-raised"
    >
      <div className="flex items-center gap-1 border-border border-b px-2 py-1">
        <Link to="/runs/$runId" params={{ runId }} search={search} className={`${buttonClass('quiet', 'sm')} gap-1.5`}>
          <ExternalLink size={13} aria-hidden />
          {messages.openPage}
        </Link>
        <span className="flex-1" />
        <IconButton size="sm" label={messages.closePanel} icon={X} keys="escape" onClick={onClose} />
      </div>
      <RunView
        key={runId}
        runId={runId}
        state={state}
        look="panel"
        link={`${location.origin}${apiUrl('')}/runs/${encodeURIComponent(runId)}`}
        neighbours={undefined}
        onGo={() => undefined}
      />
    </aside>
  )
}

function withTab({ tab }: RunSearch): RunSearch {
  return tab === undefined ? {} : { tab }
}
