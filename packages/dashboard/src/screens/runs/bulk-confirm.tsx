// Asks before many runs are cancelled or started again: a dry run says how many and shows some, then the operation
// starts and goes on by itself, whether the page stays open or not.

import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { type BulkAsk, type Run, useBulkDry, useStartBulk } from '../../api/index.ts'
import {
  announce,
  Confirm,
  Dialog,
  ErrorView,
  formatExact,
  Notice,
  Skeleton,
  Status,
  statusOfRun,
  Time,
  toast,
} from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.bulk

export interface BulkConfirmProps {
  readonly ask: BulkAsk
  readonly onClose: () => void
  readonly onStarted: () => void
}

export function BulkConfirm({ ask, onClose, onStarted }: BulkConfirmProps) {
  const dry = useBulkDry({ meta: { isShown: true } })
  const { mutate } = dry
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once when the dialog opens; the button asks again.
  useEffect(() => mutate(ask), [])
  const start = useStartBulk({
    meta: { isShown: true },
    onSuccess: (bulk) => {
      const text = t.started(ask.kind, `${formatExact(bulk.totalCount)}${bulk.isTotalCut ? '+' : ''}`)
      announce(text)
      toast.success(text, {
        action: (
          <Link to="/bulk" className="link">
            {t.show}
          </Link>
        ),
      })
      onStarted()
    },
  })
  const isCancel = ask.kind === 'CANCEL'
  const title = isCancel ? t.cancelTitle : t.rerunTitle
  if (dry.data === undefined) {
    return (
      <Dialog title={title} size="sm" onClose={onClose}>
        {dry.error === null ? (
          <div role="status" className="flex flex-col gap-2">
            <p className="text-muted">{t.counting}</p>
            <Skeleton className="h-4 w-24" />
            <Skeleton className="h-24 w-full" />
          </div>
        ) : (
          <ErrorView error={dry.error} onRetry={() => mutate(ask)} />
        )}
      </Dialog>
    )
  }
  const { totalCount, isCut, sample = [] } = dry.data
  if (totalCount === 0) {
    return (
      <Dialog title={title} size="sm" onClose={onClose}>
        <Notice>{t.none}</Notice>
      </Dialog>
    )
  }
  const count = `${formatExact(totalCount)}${isCut ? '+' : ''}`
  return (
    <Confirm
      title={title}
      action={isCancel ? t.cancel(count, totalCount === 1) : t.rerun(count, totalCount === 1)}
      isDanger={isCancel}
      isBusy={start.isPending}
      error={start.error}
      count={{ value: totalCount, noun: t.noun(totalCount), isAtLeast: isCut ?? false }}
      sample={sample.map((run) => <SampleRun key={run.id} run={run} />)}
      onConfirm={() => start.mutate(ask)}
      onClose={onClose}
    >
      <p>{isCancel ? t.cancelText : t.rerunText}</p>
    </Confirm>
  )
}

function SampleRun({ run }: { readonly run: Run }) {
  return (
    <span className="flex items-center gap-2">
      <Status kind={statusOfRun(run)} look="icon" />
      <bdi className="min-w-0 flex-1 truncate">{run.function.name}</bdi>
      <Time at={run.queuedAt} />
    </span>
  )
}
