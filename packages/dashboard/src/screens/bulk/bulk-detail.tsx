// One operation beside the list: how far it is, what it was asked for, what happened to the runs it did not change. It is
// read again when the stream names it.

import { Link } from '@tanstack/react-router'
import { Copy, X } from 'lucide-react'
import { useEffect } from 'react'
import { ApiError, type Bulk, useBulk } from '../../api/index.ts'
import {
  announce,
  Button,
  buttonClass,
  CodeBlock,
  Duration,
  Empty,
  type Fact,
  Facts,
  formatExact,
  IconButton,
  Id,
  Loaded,
  Num,
  Skeleton,
  Time,
} from '../../ui/index.ts'
import { BulkActions } from './bulk-actions.tsx'
import { progressOf, searchLike, titleOf, totalText } from './bulk-state.ts'
import { BulkState } from './bulk-table.tsx'
import { messages } from './messages.ts'
import { ProgressBar } from './progress-bar.tsx'

const t = messages.detail

export interface BulkDetailProps {
  readonly id: string
  readonly onClose: () => void
}

/** The panel. */
export function BulkDetail({ id, onClose }: BulkDetailProps) {
  const query = useBulk(id)
  const isGone = query.error instanceof ApiError && query.error.status === 404
  return (
    <section aria-label={t.label} className="flex h-full min-h-0 flex-col border-border bg-raised">
      {isGone ? (
        <Empty title={t.gone} action={<Button onClick={onClose}>{t.back}</Button>}>
          {t.goneText}
        </Empty>
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto p-4">
          {query.data === undefined && query.error !== null && (
            <div className="mb-2 flex justify-end">
              <IconButton label={messages.actions.close} icon={X} keys="escape" onClick={onClose} />
            </div>
          )}
          <Loaded query={query} errorTitle={messages.failedOne} skeleton={<Waiting />}>
            {(bulk) => <Details bulk={bulk} onClose={onClose} />}
          </Loaded>
        </div>
      )}
    </section>
  )
}

function Waiting() {
  return (
    <div className="flex flex-col gap-3">
      <Skeleton className="h-6 w-2/3" />
      <Skeleton className="h-2.5 w-full" />
      <Skeleton className="h-32 w-full" />
    </div>
  )
}

function Details({ bulk, onClose }: { readonly bulk: Bulk; readonly onClose: () => void }) {
  const { seen, left, leftMs, isOpen } = progressOf(bulk)
  useSpokenProgress(bulk, seen)
  return (
    <div className="flex flex-col gap-4">
      <header className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="break-words font-semibold text-base">
            <bdi>{titleOf(bulk)}</bdi>
          </h2>
          <p className="flex flex-wrap items-center gap-x-3 text-muted">
            <BulkState bulk={bulk} />
            <span className="tabular-nums">{messages.progress(formatExact(seen), totalText(bulk))}</span>
            {left !== undefined && isOpen && leftMs === undefined && (
              <span>{messages.leftMany(formatExact(left))}</span>
            )}
            {leftMs !== undefined && (
              <span>
                {messages.left} <Duration ms={leftMs} />
              </span>
            )}
          </p>
        </div>
        <IconButton label={messages.actions.close} icon={X} keys="escape" onClick={onClose} />
      </header>
      <ProgressBar bulk={bulk} isTall />
      <Reasons bulk={bulk} />
      <div className="flex flex-wrap gap-2">
        <BulkActions bulk={bulk} />
        {bulk.kind === 'RERUN' && bulk.doneCount > 0 && (
          <Link to="/runs" search={{ bulkId: bulk.id }} className={buttonClass()}>
            {t.showRuns}
          </Link>
        )}
        <Link to="/bulk" search={searchLike(bulk)} className={`${buttonClass()} gap-1.5`}>
          <Copy size={14} aria-hidden />
          {messages.actions.again}
        </Link>
      </div>
      <Facts facts={factsOf(bulk)} />
      {bulk.query !== undefined && (
        <div>
          <h3 className="mb-1 text-muted text-xs">{t.query}</h3>
          <CodeBlock code={bulk.query} label={t.query} />
        </div>
      )}
    </div>
  )
}

/** Says now and then how far it is; the voice itself sees to it that it is not too often. */
function useSpokenProgress(bulk: Bulk, seen: number) {
  const { spoken, verbs, states } = messages
  const text =
    bulk.state === 'running'
      ? spoken.running(verbs[bulk.kind], formatExact(seen), totalText(bulk))
      : spoken.ended(titleOf(bulk), states[bulk.state])
  useEffect(() => announce(text), [text])
}

function Reasons({ bulk }: { readonly bulk: Bulk }) {
  const { kind, doneCount, skippedCount, failedCount, lastError } = bulk
  const lines = [
    { id: 'done', count: doneCount, text: t.done[kind], className: 'text-completed-fg', isShown: true },
    {
      id: 'skipped',
      count: skippedCount,
      text: t.skipped[kind],
      className: 'text-skipped-fg',
      isShown: skippedCount > 0,
    },
    { id: 'failed', count: failedCount, text: t.failed, className: 'text-failed-fg', isShown: failedCount > 0 },
  ]
  return (
    <section aria-label={t.reasons}>
      <ul className="flex flex-col gap-1">
        {lines.map(
          ({ id, count, text, className, isShown }) =>
            isShown && (
              <li key={id} className="flex gap-2">
                <span className={`min-w-8 shrink-0 font-semibold ${className}`}>
                  <Num value={count} />
                </span>
                <span className="min-w-0">
                  {text}
                  {id === 'failed' && lastError !== undefined && (
                    <span className="block break-words text-muted">
                      {t.lastError} <bdi className="text-text">{lastError}</bdi>
                    </span>
                  )}
                </span>
              </li>
            ),
        )}
      </ul>
    </section>
  )
}

function factsOf(bulk: Bulk): readonly (Fact | false)[] {
  const { from, until, perMinute, status, endedAt, function: functions } = bulk
  return [
    {
      label: t.functions,
      value:
        functions === undefined ? (
          t.allFunctions
        ) : (
          <ul className="max-h-32 overflow-y-auto">
            {functions.map((slug) => (
              <li key={slug} className="mono break-all">
                {slug}
              </li>
            ))}
          </ul>
        ),
    },
    status !== undefined && {
      label: t.statuses,
      value: status.map((each) => messages.statuses[each]).join(', '),
    },
    {
      label: t.window,
      value: (
        <>
          {from === undefined ? t.beginning : <Time at={from} look="date" />} –{' '}
          {until === undefined ? t.now : <Time at={until} look="date" />}
        </>
      ),
    },
    {
      label: t.perMinute,
      value: perMinute === undefined ? t.perMinuteFree : t.perMinuteText(formatExact(perMinute)),
    },
    { label: t.started, value: <Time at={bulk.createdAt} /> },
    endedAt !== undefined && { label: t.ended, value: <Time at={endedAt} /> },
    { label: t.id, value: <Id id={bulk.id} /> },
  ]
}
