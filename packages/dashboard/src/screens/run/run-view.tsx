// A run: head, reason, waterfall, inspector, tabs. The page and the side panel show the same view; they differ in where the
// state is kept and how much room there is. Each part that is read shows its own states, so that one that fails leaves the
// others.

import { useCallback, useRef, useState } from 'react'
import { ApiError, type RunAlone, type Span, useFunction, useRun, useTrace } from '../../api/index.ts'
import { cx, ErrorView, Notice, RefreshBar, Skeleton, SplitPane, useCommands, useIsSlow } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { RunAbsent } from './run-absent.tsx'
import { RunActions } from './run-actions.tsx'
import { RunHeader, statusShown } from './run-header.tsx'
import type { RunState } from './run-state.ts'
import { RunTabs } from './run-tabs.tsx'
import type { TreeNode } from './span-tree.ts'
import { StepInspector } from './step-inspector.tsx'
import type { Neighbours } from './use-neighbours.ts'
import { Waterfall } from './waterfall.tsx'
import { findNode } from './waterfall-layout.ts'
import { FailureLine, WhyBanner } from './why-banner.tsx'

export interface RunViewProps {
  readonly runId: string
  readonly state: RunState
  readonly look: 'page' | 'panel'
  /** Address of the run's page. */
  readonly link: string
  readonly neighbours: Neighbours | undefined
  readonly onGo: (runId: string) => void
}

export function RunView({ runId, state, look, link, neighbours, onGo }: RunViewProps) {
  const run = useRun(runId)
  const trace = useTrace(runId)
  const isSlow = useIsSlow(run.isPending)
  if (run.data === undefined) {
    if (run.error instanceof ApiError && run.error.status === 404) return <RunAbsent runId={runId} />
    if (run.error !== null) {
      return (
        <div className="p-4">
          <ErrorView error={run.error} title={messages.notReadTitle} onRetry={() => void run.refetch()} />
        </div>
      )
    }
    return isSlow ? <RunSkeleton /> : null
  }
  const isPanel = look === 'panel'
  return (
    <div className="@container relative flex min-h-0 flex-1 flex-col overflow-y-auto">
      <RefreshBar isActive={run.isFetching || trace.isFetching} />
      <div
        className={cx('flex shrink-0 flex-col gap-2.5 border-border border-b bg-raised', isPanel ? 'p-3' : 'px-4 py-3')}
      >
        <RunHeader
          run={run.data}
          isPanel={isPanel}
          actions={<RunActions run={run.data} trace={trace.data} link={link} neighbours={neighbours} onGo={onGo} />}
        />
        <WhyWithRetries run={run.data} />
        {run.data.status === 'FAILED' && (
          // Where there is room beside the steps, the error stands open there.
          <div className={isPanel ? '' : '@min-[900px]:hidden'}>
            <FailureLine runId={runId} onShow={() => state.change({ step: undefined, tab: 'error' })} />
          </div>
        )}
        {run.error !== null && (
          <ErrorView error={run.error} shownAt={run.dataUpdatedAt} onRetry={() => void run.refetch()} />
        )}
      </div>
      <Body run={run.data} trace={trace} state={state} isPanel={isPanel} />
    </div>
  )
}

/** The number of retries is the function's: it is read only where the sentence needs it. */
function WhyWithRetries({ run }: { readonly run: RunAlone }) {
  return run.why?.reasons.some((reason) => reason.code === 'retry') ? <RetryWhy run={run} /> : <WhyBanner run={run} />
}

function RetryWhy({ run }: { readonly run: RunAlone }) {
  const { data } = useFunction(run.app.id, run.function.id)
  return <WhyBanner run={run} retries={data?.configuration.retries.value} />
}

interface BodyProps {
  readonly run: RunAlone
  readonly trace: ReturnType<typeof useTrace>
  readonly state: RunState
  readonly isPanel: boolean
}

function Body({ run, trace, state, isPanel }: BodyProps) {
  const [root, setRoot] = useState<TreeNode>()
  const heading = useRef<HTMLHeadingElement>(null)
  const { step } = state.search
  const node = step === undefined || root === undefined ? undefined : findNode(root, step)
  const focusInspector = useCallback(
    () => requestAnimationFrame(() => requestAnimationFrame(() => heading.current?.focus())),
    [],
  )
  useCommands([
    {
      label: messages.inspector.close,
      keys: 'escape',
      isOn: step !== undefined && !isPanel,
      isKeyOnly: true,
      run: () => state.change({ step: undefined }),
    },
  ])
  return (
    <SplitPane
      name={isPanel ? 'run-panel' : 'run'}
      share={0.62}
      // Stacked, either part has its own height, and the view scrolls as a whole.
      className="min-h-96 flex-1 @max-[900px]:min-h-0 @max-[900px]:flex-none @max-[900px]:*:flex-none!"
      first={
        <Steps run={run} trace={trace} state={state} isPanel={isPanel} onTree={setRoot} onEnter={focusInspector} />
      }
      second={
        <div
          className={cx('flex flex-col', 'h-full overflow-y-auto @max-[900px]:h-auto @max-[900px]:overflow-visible')}
        >
          {node !== undefined && node.depth > 0 && (
            <div className="border-border border-b-4">
              <StepInspector
                key={node.id}
                run={run}
                node={node}
                origin={Date.parse(run.queuedAt)}
                state={state}
                headingRef={heading}
                isPanel={isPanel}
              />
            </div>
          )}
          {step !== undefined && root !== undefined && node === undefined && (
            <div className="p-3">
              <Notice>{messages.inspector.gone}</Notice>
            </div>
          )}
          <h2 className={node === undefined ? 'sr-only' : 'px-4 pt-2.5 font-semibold text-muted text-xs'}>
            {messages.run.heading}
          </h2>
          <RunTabs run={run} trace={trace.data} root={root} state={state} isPanel={isPanel} />
        </div>
      }
    />
  )
}

interface StepsProps extends BodyProps {
  readonly onTree: (root: TreeNode) => void
  readonly onEnter: () => void
}

function Steps({ run, trace, state, isPanel, onTree, onEnter }: StepsProps) {
  const isSlow = useIsSlow(trace.isPending)
  const retry = () => void trace.refetch()
  const height = cx('h-full @max-[900px]:h-auto', isPanel ? '@max-[900px]:max-h-[50vh]' : '@max-[900px]:max-h-[65vh]')
  if (trace.data === undefined) {
    if (trace.error !== null) {
      return (
        <div className="p-3">
          <ErrorView error={trace.error} title={messages.traceNotRead} onRetry={retry} />
        </div>
      )
    }
    return isSlow ? <StepsSkeleton /> : <div className="h-40" />
  }
  return (
    <div className={cx('flex min-h-0 flex-col', height)}>
      {trace.error !== null && (
        <ErrorView error={trace.error} title={messages.traceNotRead} shownAt={trace.dataUpdatedAt} onRetry={retry} />
      )}
      <Waterfall
        runId={run.id}
        name={run.function.name}
        status={run.endedAt === undefined && statusShown(run) !== 'running' ? 'WAITING' : undefined}
        trace={trace.data satisfies Span}
        state={state}
        hasKeys={!isPanel}
        onTree={onTree}
        onEnter={onEnter}
        className="flex-1"
      />
    </div>
  )
}

function RunSkeleton() {
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex items-center gap-3">
        <Skeleton className="h-6 w-24" />
        <Skeleton className="h-5 w-48" />
        <Skeleton className="h-4 w-56" />
      </div>
      <div className="flex gap-6">
        {['a', 'b', 'c', 'd', 'e'].map((key) => (
          <Skeleton key={key} className="h-9 w-28" />
        ))}
      </div>
      <StepsSkeleton />
    </div>
  )
}

/** Bars like those that come. */
function StepsSkeleton() {
  return (
    <div aria-hidden className="flex flex-col p-3">
      {[
        { left: 0, width: 92 },
        { left: 2, width: 20 },
        { left: 22, width: 34 },
        { left: 24, width: 16 },
        { left: 57, width: 28 },
        { left: 86, width: 8 },
      ].map(({ left, width }) => (
        <div key={left} className="flex h-7 items-center gap-3">
          <Skeleton className="h-3 w-1/4" />
          <div className="relative h-3.5 flex-1">
            <div className="skeleton absolute inset-y-0" style={{ left: `${left}%`, width: `${width}%` }} />
          </div>
        </div>
      ))}
    </div>
  )
}
