// One item of a log: its kind and time at the side, what it says beside it. Large values are folded; everything is text.

import { Link } from '@tanstack/react-router'
import {
  Bot,
  CircleAlert,
  CircleHelp,
  FileText,
  type LucideIcon,
  MessageSquare,
  Package,
  ScrollText,
  UserCheck,
  Wrench,
} from 'lucide-react'
import type { SessionItem } from '../../api/index.ts'
import { cx, JsonView, Status, Time } from '../../ui/index.ts'
import { messages as requestMessages } from '../request/messages.ts'
import { kindOfRequest, previewOf } from '../request/request-state.ts'
import { type ItemParts, partsOf } from './item-content.ts'
import { messages } from './messages.ts'

const ICONS: Record<SessionItem['type'], LucideIcon> = {
  message: MessageSquare,
  tool_call: Wrench,
  tool_result: FileText,
  artifact: Package,
  log: ScrollText,
  error: CircleAlert,
  decision: UserCheck,
  custom: CircleHelp,
}

export interface LogItemProps {
  readonly item: SessionItem
  /** Where there is nowhere to go, or one is there already. */
  readonly isLinkless?: boolean
}

export function LogItem({ item, isLinkless = false }: LogItemProps) {
  const { seq, type, role, createdAt } = item
  const parts = partsOf(item)
  const Icon = type === 'message' && role !== undefined && role !== 'user' ? Bot : ICONS[type]
  const isError = type === 'error'
  return (
    <li
      data-seq={seq}
      className="relative flex gap-3 pb-4 [contain-intrinsic-size:auto_64px] [content-visibility:auto] last:pb-1"
    >
      <span aria-hidden className="absolute top-7 bottom-0 left-3 w-px bg-border" />
      <span
        aria-hidden
        className={cx(
          'z-10 inline-flex size-6 shrink-0 items-center justify-center rounded-full border bg-raised',
          isError ? 'border-failed-solid text-failed-fg' : 'border-border-strong text-muted',
        )}
      >
        <Icon size={13} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex min-h-6 flex-wrap items-center gap-x-2 text-xs">
          <span className={cx('font-medium', isError && 'text-failed-fg')}>{messages.types[type]}</span>
          {role !== undefined && <bdi className="text-muted">{role}</bdi>}
          {parts.name !== undefined && <bdi className="mono">{parts.name}</bdi>}
          {parts.decision !== undefined && <Decision decision={parts.decision} isLinkless={isLinkless} />}
          <span className="ml-auto text-muted">
            <span title={messages.seq(seq)} className="mono mr-2">
              {seq}
            </span>
            <Time at={createdAt} />
          </span>
        </p>
        <Said parts={parts} label={`${messages.types[type]} ${seq}`} isError={isError} />
      </div>
    </li>
  )
}

function Said({
  parts,
  label,
  isError,
}: {
  readonly parts: ItemParts
  readonly label: string
  readonly isError: boolean
}) {
  const { text, href, value, decision } = parts
  return (
    <>
      {text !== undefined &&
        (href === undefined ? (
          <p className={cx('whitespace-pre-wrap break-words', isError && 'text-failed-fg')}>{text}</p>
        ) : (
          <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="link break-all">
            {text}
          </a>
        ))}
      {decision?.reason !== undefined && (
        <p className="whitespace-pre-wrap break-words text-muted">
          {requestMessages.reason}: {decision.reason}
        </p>
      )}
      {value !== undefined && <Value value={value} label={label} />}
    </>
  )
}

/** Values that fit in a line stand there; larger ones open. */
const LINE_MAX = 140

function Value({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = JSON.stringify(value)
  if (text.length <= LINE_MAX) {
    return <p className="mono break-words text-muted text-xs">{previewOf(value, LINE_MAX)}</p>
  }
  return (
    <details className="group">
      <summary className="mono truncate rounded-md text-muted text-xs group-open:mb-1">
        {previewOf(value, LINE_MAX)}
      </summary>
      <JsonView label={label} text={text} maxHeight={400} fileName={`${label.replaceAll(' ', '-')}.json`} />
    </details>
  )
}

interface DecisionProps {
  readonly decision: NonNullable<ItemParts['decision']>
  readonly isLinkless: boolean
}

function Decision({ decision: { requestId, status, by }, isLinkless }: DecisionProps) {
  const word =
    status === undefined ? (
      <span>{messages.requested}</span>
    ) : (
      <Status kind={kindOfRequest(status)} word={requestMessages.decided[status]} />
    )
  return (
    <>
      {isLinkless ? (
        word
      ) : (
        <Link to="/requests/$requestId" params={{ requestId }} className="quiet-link">
          {word}
        </Link>
      )}
      {by !== undefined && (
        <span className="text-muted">
          {messages.by} <bdi>{by}</bdi>
        </span>
      )}
    </>
  )
}
