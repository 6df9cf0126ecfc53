// Cancels all live runs of a function, or starts its failed ones again: first counts what it would touch and shows some
// of it, then asks. The count is typed above a thousand; the work itself is a bulk operation with a page of its own.

import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type BulkAsk, type Fn, type Run, useBulkDry, useStartBulk } from '../../api/index.ts'
import {
  Button,
  Confirm,
  Dialog,
  ErrorView,
  formatExact,
  RangePicker,
  Skeleton,
  Status,
  serverNow,
  shortId,
  statusOfRun,
  Time,
  type TimeRange,
  toast,
  windowOf,
} from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.bulk
const RANGES = ['1h', '6h', '24h', '7d', '30d', 'all'] as const

export interface BulkDialogProps {
  readonly fn: Fn
  readonly kind: 'CANCEL' | 'RERUN'
  /** The range to begin with. */
  readonly range: TimeRange
  readonly onClose: () => void
}

export function BulkDialog({ fn, kind, range: initial, onClose }: BulkDialogProps) {
  const isCancel = kind === 'CANCEL'
  const [range, setRange] = useState(initial)
  // What was counted is what is done: the window does not move between the two.
  const [ask, setAsk] = useState<BulkAsk>(() => askOf({ fn, kind, range }))
  const dry = useBulkDry({ meta: { isShown: true } })
  const { mutate: count } = dry
  useEffect(() => count(ask), [count, ask])
  const start = useStartBulk({
    meta: { isShown: true },
    onSuccess: ({ id }) => {
      toast.success(t.started, {
        action: (
          <Link to="/bulk" search={{ id }} className="link">
            {t.open}
          </Link>
        ),
      })
      onClose()
    },
  })
  const title = isCancel ? t.cancelTitle(fn.name) : t.replayTitle(fn.name)
  const choose = (next: TimeRange) => {
    setRange(next)
    setAsk(askOf({ fn, kind, range: next }))
  }
  const body = (
    <>
      <p className="text-muted">{isCancel ? t.cancelText : t.replayText}</p>
      {!isCancel && (
        <div className="flex items-center gap-2">
          <span className="font-medium text-xs">{t.range}</span>
          <RangePicker value={range} onChange={choose} choices={RANGES} />
        </div>
      )}
    </>
  )
  const found = dry.data
  if (found === undefined || found.totalCount === 0 || dry.isPending) {
    return (
      <Dialog
        title={title}
        size="sm"
        onClose={onClose}
        footer={<Button onClick={onClose}>{messages.dialogClose}</Button>}
      >
        <div className="flex flex-col gap-3">
          {body}
          {dry.error !== null ? (
            <ErrorView error={dry.error} onRetry={() => count(ask)} />
          ) : found === undefined || dry.isPending ? (
            <div role="status">
              <span className="sr-only">{t.counting}</span>
              <Skeleton className="h-5 w-24" />
            </div>
          ) : (
            <p className="font-medium">{t.nothing}</p>
          )}
        </div>
      </Dialog>
    )
  }
  return (
    <Confirm
      title={title}
      action={actionText(isCancel, found.totalCount, found.isCut === true)}
      isDanger={isCancel}
      isBusy={start.isPending}
      error={start.error}
      count={{
        value: found.totalCount,
        noun: found.totalCount === 1 ? t.nounOne : t.noun,
        ...(found.isCut ? { isAtLeast: true } : {}),
      }}
      sample={(found.sample ?? []).map((run) => <SampleRun key={run.id} run={run} />)}
      onClose={onClose}
      onConfirm={() => start.mutate(ask)}
    >
      {body}
    </Confirm>
  )
}

function actionText(isCancel: boolean, count: number, isCut: boolean): string {
  if (count === 1) return isCancel ? t.cancelActionOne : t.replayActionOne
  const text = formatExact(count) + (isCut ? '+' : '')
  return isCancel ? t.cancelAction(text) : t.replayAction(text)
}

function SampleRun({ run }: { readonly run: Run }) {
  return (
    <span className="flex items-center gap-3">
      <Status kind={statusOfRun(run)} />
      <span className="mono flex-1" title={run.id}>
        {shortId(run.id)}
      </span>
      <Time at={run.queuedAt} />
    </span>
  )
}

function askOf({ fn, kind, range }: Pick<BulkDialogProps, 'fn' | 'kind' | 'range'>): BulkAsk {
  const until = new Date(serverNow()).toISOString()
  if (kind === 'CANCEL') return { kind, function: [fn.slug], until }
  return { kind, function: [fn.slug], status: ['FAILED'], until, ...windowOf(range, serverNow()) }
}
