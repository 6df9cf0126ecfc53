// What a new operation would touch: the count, ten of the runs, how long it takes at the rate, and above a thousand the
// field in which the count is typed.

import { Link } from '@tanstack/react-router'
import { ApiError, type Run } from '../../api/index.ts'
import {
  cx,
  ErrorView,
  Field,
  formatDuration,
  formatExact,
  Num,
  Skeleton,
  Status,
  statusOfRun,
  TextInput,
  Time,
  useIsSlow,
} from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { DryRun } from './use-dry-run.ts'

const t = messages.dry

export interface DryRunViewProps {
  readonly run: DryRun
  readonly perMinute: number | undefined
  /** The count is to be typed. */
  readonly isTypedAsked: boolean
  readonly typed: string
  readonly onTyped: (text: string) => void
}

/** The right side of the form. */
export function DryRunView({ run, perMinute, isTypedAsked, typed, onTyped }: DryRunViewProps) {
  const { dry, isFresh, isCounting, error, again } = run
  const isSlow = useIsSlow(isCounting)
  const isOwnField = error instanceof ApiError && error.path === 'query'
  const count = dry?.totalCount ?? 0
  return (
    <section
      aria-label={t.title}
      aria-busy={isCounting}
      className="flex min-w-0 flex-col gap-3 rounded-lg bg-sunken p-3"
    >
      <h3 className="flex items-center gap-2 font-medium text-xs">
        {t.title}
        {isSlow && (
          <span role="status" className="font-normal text-muted">
            {t.counting}
          </span>
        )}
      </h3>
      {error !== null && !isOwnField && <ErrorView error={error} title={t.failed} onRetry={again} />}
      {isOwnField && <p className="text-muted">{t.badQuery}</p>}
      {dry === undefined && isSlow && (
        <>
          <Skeleton className="h-8 w-32" />
          <Skeleton className="h-40 w-full" />
        </>
      )}
      {dry !== undefined && error === null && (
        <div className={cx('flex min-w-0 flex-col gap-3', !isFresh && 'opacity-55')}>
          <div aria-live="polite">
            <p className="text-xl tabular-nums">
              <Num value={count} isAtLeast={dry.isCut ?? false} />{' '}
              <span className="text-muted text-sm">{t.match(count === 1)}</span>
            </p>
            {count === 0 && (
              <p className="mt-1 text-muted">
                {t.none} {t.noneText}
              </p>
            )}
            {dry.isCut && <p className="text-muted text-xs">{t.atLeast}</p>}
            {perMinute !== undefined && count > 0 && (
              <p className="text-muted text-xs">{t.takes(formatDuration((count / perMinute) * 60_000))}</p>
            )}
          </div>
          <Sample runs={dry.sample ?? []} />
          {count > 0 && <p className="text-muted text-xs">{t.fixed}</p>}
        </div>
      )}
      {isTypedAsked && (
        <Field label={t.type(formatExact(count))}>
          {(control) => (
            <TextInput
              {...control}
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onChange={(event) => onTyped(event.target.value)}
            />
          )}
        </Field>
      )}
    </section>
  )
}

function Sample({ runs }: { readonly runs: readonly Run[] }) {
  if (runs.length === 0) return null
  return (
    <div>
      <p className="mb-1 text-muted text-xs">{t.sample(runs.length)}</p>
      <ul className="rounded-md border border-border bg-raised">
        {runs.map((run) => (
          <li key={run.id} className="border-border border-b last:border-b-0">
            <Link
              to="/runs/$runId"
              params={{ runId: run.id }}
              target="_blank"
              className="flex h-7 items-center gap-2 px-2 text-xs outline-offset-[-2px] hover:bg-hover"
            >
              <Status kind={statusOfRun(run)} look="icon" />
              <bdi className="min-w-0 flex-1 truncate">{run.function.name}</bdi>
              <span className="shrink-0 text-muted">
                <Time at={run.queuedAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
