// One step in full: its facts by kind, what one can do from it, its output, input, error and attempts.

import { Link } from '@tanstack/react-router'
import { RotateCcw, StepForward, X } from 'lucide-react'
import { useState } from 'react'
import type { RunAlone } from '../../api/index.ts'
import { EventLink, RunLink } from '../../frame/index.ts'
import {
  Button,
  Duration,
  Elapsed,
  type Fact,
  Facts,
  formatDuration,
  IconButton,
  Id,
  Notice,
  PayloadView,
  Status,
  statusOf,
  Tabs,
  Time,
} from '../../ui/index.ts'
import { AttemptsTable } from './attempts-table.tsx'
import { ErrorPanel } from './error-panel.tsx'
import { EventNameLink, SlugLink } from './links.tsx'
import { messages } from './messages.ts'
import { FromStepDialog, ResumeDialog } from './run-dialogs.tsx'
import type { RunState } from './run-state.ts'
import type { StepTab } from './search.ts'
import { isRest, type TreeNode } from './span-tree.ts'
import { kindOf, nameOf, StepIcon } from './step-look.tsx'

const t = messages.inspector

export interface InspectorProps {
  readonly run: RunAlone
  readonly node: TreeNode
  /** When the run was queued. */
  readonly origin: number
  readonly state: RunState
  readonly headingRef: React.RefObject<HTMLHeadingElement | null>
  readonly isPanel: boolean
}

export function StepInspector({ run, node, origin, state, headingRef, isPanel }: InspectorProps) {
  return (
    <section aria-label={`${t.step} ${nameOf(node)}`} className="flex flex-col">
      <header className="flex items-center gap-2 px-3 pt-2.5 pb-2">
        <StepIcon node={node} />
        <h2 ref={headingRef} tabIndex={-1} className="min-w-0 truncate font-semibold text-sm">
          {nameOf(node)}
          {node.loop !== undefined && (
            <span className="mono ml-1.5 font-normal text-muted text-xs">
              {messages.waterfall.loopIndex(node.loop)}
            </span>
          )}
        </h2>
        <Status kind={statusOf(node.status)} look="badge" />
        <span className="flex-1" />
        <IconButton label={t.close} icon={X} keys="escape" onClick={() => state.change({ step: undefined })} />
      </header>
      <div className="flex flex-col gap-3 px-3 pb-3">
        <Facts facts={factsOf(node, origin)} isInline />
        <StepActions run={run} node={node} />
      </div>
      {node.span !== undefined && node.kind !== 'run' && <StepTabs node={node} state={state} isPanel={isPanel} />}
    </section>
  )
}

function factsOf(node: TreeNode, origin: number): readonly (Fact | false | undefined)[] {
  const { span, startedAt, endedAt, durationMs, queuedAt } = node
  const first = node.segments[0]
  const delay = first?.kind === 'waiting' ? (first.until ?? queuedAt) - first.from : 0
  return [
    { label: t.kind, value: kindOf(node) },
    span?.stepId !== undefined && { label: t.stepId, value: <Id id={span.stepId} /> },
    startedAt !== undefined && {
      label: t.started,
      value: (
        <>
          <Time at={startedAt} look="clock" />{' '}
          <span className="text-muted">{t.startedIn(formatDuration(Math.max(0, startedAt - origin)))}</span>
        </>
      ),
    },
    endedAt !== undefined && { label: t.ended, value: <Time at={endedAt} look="clock" /> },
    durationMs !== undefined
      ? { label: t.took, value: <Duration ms={durationMs} /> }
      : startedAt !== undefined && { label: t.took, value: <Elapsed since={startedAt} /> },
    delay > 0 && { label: t.delay, value: <Duration ms={delay} /> },
    (node.kind === 'step' || node.kind === 'body') && { label: t.attempts, value: node.tries },
    ...groupFacts(node),
    ...kindFacts(node),
  ]
}

function groupFacts(node: TreeNode): readonly (Fact | false)[] {
  if (node.kind !== 'loop' && node.kind !== 'parallel') return []
  const durations = node.children.flatMap((child) => child.durationMs ?? []).sort((a, b) => a - b)
  const failed = node.children.filter((child) => child.status === 'FAILED').length
  return [
    { label: t.steps, value: node.children.length },
    durations.length > 0 && { label: t.shortest, value: <Duration ms={durations[0]} /> },
    durations.length > 0 && { label: t.longest, value: <Duration ms={durations.at(-1)} /> },
    failed > 0 && { label: t.failed, value: failed },
  ]
}

function kindFacts(node: TreeNode): readonly (Fact | false)[] {
  const info = node.span?.stepInfo ?? {}
  const text = (name: string): string | undefined => {
    const value = info[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [until, event, expression, timeout, found] = [
    'sleepUntil',
    'eventName',
    'expression',
    'timeout',
    'foundEventID',
  ].map(text)
  const [signal, fn, child, returned] = ['signal', 'functionID', 'runID', 'returnEventID'].map(text)
  return [
    until !== undefined && { label: t.until, value: <Time at={until} look="date" /> },
    event !== undefined && { label: t.event, value: <EventNameLink name={event} /> },
    expression !== undefined && { label: t.expression, value: <code className="break-all">{expression}</code> },
    signal !== undefined && { label: t.signal, value: <code className="break-all">{signal}</code> },
    fn !== undefined && { label: t.fn, value: <SlugLink slug={fn} /> },
    child !== undefined && { label: t.run, value: <RunLink className="link" id={child} /> },
    timeout !== undefined &&
      node.endedAt === undefined && { label: t.timeout, value: <Time at={timeout} look="date" /> },
    found !== undefined && { label: t.found, value: <EventLink className="link" id={found} /> },
    returned !== undefined && { label: t.returned, value: <EventLink className="link" id={returned} /> },
  ]
}

function StepActions({ run, node }: { readonly run: RunAlone; readonly node: TreeNode }) {
  const [dialog, setDialog] = useState<'from' | 'resume'>()
  const isStep = node.kind === 'step' && node.span?.stepId !== undefined
  const isOwn = node.runId === run.id
  const isOpenRest = isStep && node.endedAt === undefined && isRest(node.op)
  const timedOut = node.span?.stepInfo?.['timedOut'] === true
  if (node.kind === 'run') {
    return (
      <div>
        <Link to="/runs/$runId" params={{ runId: node.runId }} className="link">
          {t.openRun}
        </Link>
      </div>
    )
  }
  if (!isStep) return null
  return (
    <>
      {timedOut && <Notice tone="warn">{t.timedOut}</Notice>}
      <div className="flex flex-wrap gap-2">
        {isOpenRest && (
          <Button icon={StepForward} onClick={() => setDialog('resume')}>
            {node.op === 'SLEEP' ? messages.resume.wake : messages.resume.button}
          </Button>
        )}
        {(node.endedAt !== undefined || !isRest(node.op)) && (
          <Button icon={RotateCcw} reason={!isOwn && t.notRerunnable} onClick={() => setDialog('from')}>
            {messages.fromStep.button}
          </Button>
        )}
      </div>
      {dialog === 'from' && <FromStepDialog runId={run.id} node={node} onClose={() => setDialog(undefined)} />}
      {dialog === 'resume' && <ResumeDialog node={node} onClose={() => setDialog(undefined)} />}
    </>
  )
}

function StepTabs({
  node,
  state,
  isPanel,
}: {
  readonly node: TreeNode
  readonly state: RunState
  readonly isPanel: boolean
}) {
  const spanId = node.span?.id ?? ''
  const hasFailed = node.status === 'FAILED'
  const hasTries = (node.span?.children?.length ?? 0) > 1
  const ids: readonly StepTab[] = ['output', 'input', 'error', 'attempts']
  const tab = state.search.stepTab ?? (hasFailed || lastFailed(node) !== undefined ? 'error' : 'output')
  const name = nameOf(node)
  const maxHeight = isPanel ? 320 : 480
  const shared = { of: 'runs' as const, id: node.runId, maxHeight }
  return (
    <Tabs
      label={t.tabsLabel}
      value={tab}
      onChange={(next) => state.change({ stepTab: next })}
      tabs={ids.map((id) => ({
        id,
        label: t.tabs[id],
        isAlarming: id === 'error' && hasFailed,
        count: id === 'attempts' && hasTries ? node.tries : undefined,
      }))}
    >
      <div className="p-3">
        {tab === 'output' &&
          (node.endedAt === undefined ? (
            <p className="text-muted">{t.notEnded}</p>
          ) : (
            // One view for each step: what was unfolded in one is not unfolded in the next.
            <PayloadView
              key={node.id}
              {...shared}
              part={`span/${spanId}/output`}
              pick={hasFailed ? 'error' : 'data'}
              label={t.outputOf(name)}
              root="output"
              empty={t.noOutput}
            />
          ))}
        {tab === 'input' && (
          <PayloadView
            key={node.id}
            {...shared}
            part={`span/${spanId}/input`}
            label={t.inputOf(name)}
            root="input"
            empty={t.noInput}
          />
        )}
        {tab === 'error' && <StepError node={node} />}
        {tab === 'attempts' && (
          <AttemptsTable node={node} onOpen={(id) => state.change({ step: id, stepTab: 'error' }, { isStep: true })} />
        )}
      </div>
    </Tabs>
  )
}

/** The newest attempt that failed, of a step that may have gone on since. */
function lastFailed(node: TreeNode): TreeNode | undefined {
  return node.endedAt === undefined
    ? node.children.findLast((child) => child.kind === 'attempt' && child.status === 'FAILED')
    : undefined
}

function StepError({ node }: { readonly node: TreeNode }) {
  const tries = node.children.filter((child) => child.kind === 'attempt')
  const failed = node.status === 'FAILED' ? node : tries.findLast((child) => child.status === 'FAILED')
  if (failed === undefined) return <p className="text-muted">{t.noError}</p>
  const number =
    (failed === node ? (tries.at(-1)?.span?.attempts ?? failed.span?.attempts ?? 0) : (failed.span?.attempts ?? 0)) + 1
  const took = (failed === node ? tries.at(-1) : failed)?.durationMs ?? failed.durationMs
  return (
    <ErrorPanel
      key={failed.id}
      runId={failed.runId}
      part={`span/${failed.span?.id ?? ''}/output`}
      where={messages.error.attempt(number)}
      tookMs={took}
      empty={t.noError}
    />
  )
}
