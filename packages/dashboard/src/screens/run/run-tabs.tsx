// The run as a whole: what went in, what came out, why it failed, how it was configured, and all of it as the server says.

import { useMemo } from 'react'
import type { RunAlone, Span } from '../../api/index.ts'
import { JsonView, PayloadView, Tabs } from '../../ui/index.ts'
import { ErrorPanel } from './error-panel.tsx'
import { messages } from './messages.ts'
import type { RunState } from './run-state.ts'
import type { RunTab } from './search.ts'
import type { TreeNode } from './span-tree.ts'
import { nameOf } from './step-look.tsx'

const t = messages.run
const TABS: readonly RunTab[] = ['input', 'output', 'error', 'config', 'raw']

export interface RunTabsProps {
  readonly run: RunAlone
  readonly trace: Span | undefined
  readonly root: TreeNode | undefined
  readonly state: RunState
  readonly isPanel: boolean
}

/** What a reader wants first: the error of what failed, the output of what completed, else the input. */
function firstTab(run: RunAlone): RunTab {
  if (run.status === 'FAILED') return 'error'
  return run.status === 'COMPLETED' ? 'output' : 'input'
}

export function RunTabs({ run, trace, root, state, isPanel }: RunTabsProps) {
  const tab = state.search.tab ?? firstTab(run)
  return (
    <Tabs
      label={t.tabsLabel}
      value={tab}
      onChange={(next) => state.change({ tab: next })}
      tabs={TABS.map((id) => ({ id, label: t.tabs[id], isAlarming: id === 'error' && run.status === 'FAILED' }))}
    >
      <div className="p-3">
        <Content tab={tab} run={run} trace={trace} root={root} state={state} maxHeight={isPanel ? 360 : 560} />
      </div>
    </Tabs>
  )
}

interface ContentProps extends Omit<RunTabsProps, 'isPanel'> {
  readonly tab: RunTab
  readonly maxHeight: number
}

function Content({ tab, run, trace, root, state, maxHeight }: ContentProps) {
  const shared = { of: 'runs' as const, id: run.id, maxHeight }
  switch (tab) {
    case 'input':
      return <PayloadView {...shared} part="input" label={t.tabs.input} root="events" empty={t.noInput} />
    case 'output':
      // What is not there yet is not asked for: the answer would be kept.
      return run.status === 'COMPLETED' ? (
        <PayloadView {...shared} part="output" label={t.tabs.output} root="output" empty={t.noOutput} />
      ) : (
        <p className="text-muted">{noOutput(run)}</p>
      )
    case 'error':
      return run.status === 'FAILED' ? (
        <ErrorPanel
          runId={run.id}
          part="error"
          where={failedStep(root) && <FailedStep root={root} state={state} />}
          tookMs={failedStep(root)?.tookMs}
          empty={t.noError}
        />
      ) : (
        <p className="text-muted">{run.endedAt === undefined ? t.noErrorYet : t.noError}</p>
      )
    case 'config':
      return (
        <div className="flex flex-col gap-2">
          <p className="text-muted">{t.configHint(run.functionVersion)}</p>
          <PayloadView {...shared} part="config" label={t.tabs.config} root="config" empty={t.noConfig} />
        </div>
      )
    case 'raw':
      return <Raw run={run} trace={trace} maxHeight={maxHeight} />
  }
}

function noOutput(run: RunAlone): string {
  if (run.status === 'FAILED') return t.failedNoOutput
  if (run.status === 'CANCELLED') return t.cancelledNoOutput
  return run.status === 'SKIPPED' ? t.skippedNoOutput : t.notEnded
}

function Raw({
  run,
  trace,
  maxHeight,
}: {
  readonly run: RunAlone
  readonly trace: Span | undefined
  readonly maxHeight: number
}) {
  const text = useMemo(() => JSON.stringify({ run, trace }), [run, trace])
  return (
    <div className="flex flex-col gap-2">
      <p className="text-muted">{t.rawHint}</p>
      <JsonView text={text} label={t.tabs.raw} fileName={`run-${run.id}-raw.json.txt`} maxHeight={maxHeight} />
    </div>
  )
}

/** The last row that failed for good: where the error of the run comes from. */
function failedStep(
  root: TreeNode | undefined,
): { readonly node: TreeNode; readonly tookMs: number | undefined } | undefined {
  if (root === undefined) return undefined
  const found: TreeNode[] = []
  const walk = (node: TreeNode) => {
    if (node.runId === root.runId && (node.kind === 'step' || node.kind === 'body') && node.status === 'FAILED')
      found.push(node)
    node.children.forEach(walk)
  }
  walk(root)
  // What the function's own code throws after a step failed is the step's error, thrown on.
  const node = found.findLast((each) => each.kind === 'step') ?? found.at(-1)
  if (node === undefined) return undefined
  const last = node.segments.findLast((segment) => segment.kind === 'attempt')
  return { node, tookMs: last?.until === undefined ? undefined : last.until - last.from }
}

function FailedStep({ root, state }: { readonly root: TreeNode | undefined; readonly state: RunState }) {
  const failed = failedStep(root)
  if (failed === undefined) return null
  const { node } = failed
  const attempt = messages.error.attempt(node.tries)
  if (node.kind === 'body') return <>{`${nameOf(node)}, ${attempt}`}</>
  return (
    <>
      {`${messages.error.inStep} `}
      <button
        type="button"
        className="link"
        onClick={() => state.change({ step: node.id, stepTab: 'error' }, { isStep: true })}
      >
        {node.name}
      </button>
      {`, ${attempt}`}
    </>
  )
}
