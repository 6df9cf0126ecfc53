// A figure with its line and how it changed. The word and the arrow carry the change; colour only underlines it.

import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react'
import type { Series } from '../../api/index.ts'
import { cx, formatPercent, Sparkline } from '../../ui/index.ts'
import { type Change, changeOf } from './change.ts'
import { messages } from './messages.ts'

const t = messages.figures

export interface FigureCardProps {
  readonly label: string
  /** Without `before` no change is told. */
  readonly figure: { readonly value: number | null; readonly before?: number | null; readonly spark: Series }
  readonly format: (value: number) => string
  readonly isShare?: boolean
  readonly isBadWhenUp?: boolean
  readonly look?: 'line' | 'bars'
  /** Beside the value. */
  readonly aside?: React.ReactNode
  /** Such as "last 24 hours". */
  readonly range: string
  /** Makes a link of the label. */
  readonly link?: (label: string) => React.ReactNode
}

export function FigureCard(props: FigureCardProps) {
  const { label, figure, format, isShare, isBadWhenUp, look = 'bars', aside, range, link } = props
  const { value, before, spark } = figure
  const change = changeOf({
    value,
    before: before ?? null,
    ...(isShare === undefined ? {} : { isShare }),
    ...(isBadWhenUp === undefined ? {} : { isBadWhenUp }),
  })
  return (
    <div className="flex min-w-0 flex-col gap-1 rounded-lg border border-border bg-raised px-3 pt-2.5 pb-2">
      <p className="truncate text-muted text-xs">{link === undefined ? label : link(label)}</p>
      <div className="flex min-w-0 items-baseline gap-2">
        <p className="whitespace-nowrap font-semibold text-xl tabular-nums">{value === null ? '–' : format(value)}</p>
        {aside && <span className="min-w-0 truncate text-muted text-xs">{aside}</span>}
      </div>
      {before !== undefined && (
        <ChangeText change={change} before={before} format={format} isShare={isShare ?? false} />
      )}
      <Sparkline
        values={spark}
        label={t.over(label, range)}
        look={look}
        width={240}
        height={30}
        className="mt-1 h-7.5 w-full"
      />
    </div>
  )
}

interface ChangeTextProps {
  readonly change: Change | undefined
  readonly before: number | null
  readonly format: (value: number) => string
  readonly isShare: boolean
}

function ChangeText({ change, before, format, isShare }: ChangeTextProps) {
  if (change === undefined) {
    return <p className="truncate text-muted text-xs">{before === null ? t.noBefore : t.before(format(before))}</p>
  }
  const Icon = change.direction === 'up' ? ArrowUpRight : change.direction === 'down' ? ArrowDownRight : Minus
  const by = isShare ? t.points(formatPercent(change.by)) : formatPercent(change.by)
  const text = change.direction === 'same' ? t.same : change.direction === 'up' ? t.up(by) : t.down(by)
  return (
    <p
      title={before === null ? undefined : t.before(format(before))}
      className={cx(
        'flex min-w-0 items-center gap-1 text-xs tabular-nums',
        change.tone === 'bad' ? 'text-failed-fg' : change.tone === 'good' ? 'text-completed-fg' : 'text-muted',
      )}
    >
      <Icon size={13} aria-hidden className="shrink-0" />
      <span className="truncate">{text}</span>
    </p>
  )
}
