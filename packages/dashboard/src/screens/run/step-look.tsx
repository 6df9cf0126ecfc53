// How a row of the waterfall is named and marked: its icon by kind, its name, its status in words.

import {
  Bot,
  Braces,
  CircleAlert,
  Clock,
  CornerDownRight,
  GitFork,
  Globe,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Play,
  Radio,
  Repeat,
  RotateCcw,
  Send,
  SquareFunction,
} from 'lucide-react'
import { cx, formatDuration, statusClass, statusOf } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { TreeNode } from './span-tree.ts'

const t = messages.waterfall

const OPS: Readonly<Record<string, LucideIcon>> = {
  RUN: SquareFunction,
  SLEEP: Clock,
  WAIT_FOR_EVENT: Hourglass,
  WAIT_FOR_SIGNAL: Radio,
  INVOKE: CornerDownRight,
  AI_GATEWAY: Bot,
  SEND_EVENT: Send,
}

const KINDS: Readonly<Partial<Record<TreeNode['kind'], LucideIcon>>> = {
  run: Play,
  body: Braces,
  attempt: RotateCcw,
  loop: Repeat,
  parallel: GitFork,
  'child-loading': LoaderCircle,
  'child-failed': CircleAlert,
}

function iconOf(node: TreeNode): LucideIcon {
  if (node.kind !== 'step') return KINDS[node.kind] ?? SquareFunction
  const type = stepType(node)
  if (type === 'step.sendEvent') return Send
  if (type === 'step.fetch' || type === 'step.fetch.request') return Globe
  if (type?.startsWith('step.ai')) return Bot
  return OPS[node.op ?? 'RUN'] ?? SquareFunction
}

function stepType(node: TreeNode): string | undefined {
  const type = node.span?.stepInfo?.['type']
  return typeof type === 'string' ? type : undefined
}

/** The icon of a row, in the hue of its status. */
export function StepIcon({ node }: { readonly node: TreeNode }) {
  const Icon = iconOf(node)
  const isCalm = node.kind === 'loop' || node.kind === 'parallel' || node.status === 'COMPLETED'
  return (
    <Icon
      size={13}
      aria-hidden
      className={cx(
        'shrink-0',
        node.kind === 'child-loading' && 'spin',
        isCalm ? 'text-muted' : statusClass.text[statusOf(node.status)],
      )}
    />
  )
}

/** The name that a row shows. */
export function nameOf(node: TreeNode): string {
  switch (node.kind) {
    case 'body':
      return t.body[node.name] ?? node.name
    case 'run':
      return node.depth === 0 ? node.name : t.childRun(node.name)
    case 'attempt':
      return t.attempt((node.span?.attempts ?? 0) + 1)
    case 'parallel':
      return t.parallel(node.children.length)
    case 'child-loading':
      return t.childLoading
    case 'child-failed':
      return t.childFailed(node.name)
    default:
      return node.name
  }
}

/** What kind of thing a row is, in words. */
export function kindOf(node: TreeNode): string {
  if (node.kind !== 'step') return t.kinds[node.kind] ?? node.kind
  const type = stepType(node)
  if (type === 'step.sendEvent') return t.ops['SEND_EVENT'] ?? ''
  if (type?.startsWith('step.fetch')) return t.fetch
  if (type?.startsWith('step.ai')) return t.ops['AI_GATEWAY'] ?? ''
  return t.ops[node.op ?? 'RUN'] ?? ''
}

/** A row read aloud: "charge card, step, completed, started 2.1 s in, took 340 ms, 2 attempts". */
export function readRow(node: TreeNode, origin: number): string {
  if (node.kind === 'child-loading' || node.kind === 'child-failed') return nameOf(node)
  const name = node.loop === undefined ? nameOf(node) : `${nameOf(node)} ${node.loop}`
  const started =
    node.startedAt === undefined ? t.notStarted : t.started(formatDuration(Math.max(0, node.startedAt - origin)))
  const took =
    node.durationMs === undefined
      ? node.startedAt === undefined
        ? ''
        : t.goesOn
      : t.took(formatDuration(node.durationMs))
  const tries = node.kind === 'step' || node.kind === 'body' ? t.attempts(node.tries) : ''
  return [name, kindOf(node), statusOf(node.status), started, took, tries].filter((part) => part !== '').join(', ')
}
