// What a test of an app's address found: the way there phase by phase with times, the plain cause with what to do about it,
// and how what the app serves differs from what is registered.

import { Check, X } from 'lucide-react'
import type { AppTest } from '../../api/index.ts'
import { cx, Duration, Notice } from '../../ui/index.ts'
import { languageName } from '../apps/app-state.ts'
import { messages } from './messages.ts'

const t = messages.test

export interface TestResultProps {
  readonly test: AppTest
  /** Without the comparison, for an app that is not connected yet. */
  readonly hasNoDrift?: boolean
  /** Takes over what the app serves. */
  readonly action?: React.ReactNode
}

/** All of it, the cause first. */
export function TestResult({ test, hasNoDrift, action }: TestResultProps) {
  const { cause, ok, sdk, drift, phases } = test
  const runs = [sdk?.language && languageName(sdk.language), sdk?.version, sdk?.framework].filter(Boolean).join(' ')
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {cause !== undefined && <Cause cause={cause} />}
      {ok && cause === undefined && (
        <Notice tone="good">
          {t.good}
          {runs !== '' && ` ${t.sdk} ${runs}.`}
        </Notice>
      )}
      <Phases phases={phases} />
      {drift !== undefined && !hasNoDrift && <Drift drift={drift} action={action} />}
    </div>
  )
}

/** What is wrong in one sentence, and what to do in another. */
export function Cause({ cause }: { readonly cause: NonNullable<AppTest['cause']> }) {
  return (
    <div role="alert">
      <Notice tone="bad">
        <p className="font-medium">{cause.message}</p>
        {cause.hint !== undefined && <p>{cause.hint}</p>}
      </Notice>
    </div>
  )
}

function Phases({ phases }: Pick<AppTest, 'phases'>) {
  if (phases.length === 0) return null
  return (
    <ol aria-label={t.list} className="rounded-md border border-border">
      {phases.map(({ name, ok, ms, detail }) => (
        <li key={name} className="flex items-start gap-2 border-border border-b px-2.5 py-1.5 last:border-b-0">
          <span className={cx('mt-0.5 shrink-0', ok ? 'text-completed-fg' : 'text-failed-fg')}>
            {ok ? <Check size={14} aria-hidden /> : <X size={14} aria-hidden />}
            <span className="sr-only">{ok ? t.ok : t.bad}</span>
          </span>
          <span className="min-w-0 flex-1">
            <span className="font-medium">{t.phases[name]}</span>
            {detail !== undefined && <bdi className="ml-2 break-words text-muted text-xs">{detail}</bdi>}
          </span>
          <Duration ms={ms} />
        </li>
      ))}
    </ol>
  )
}

interface DriftProps {
  readonly drift: NonNullable<AppTest['drift']>
  readonly action: React.ReactNode
}

function Drift({ drift, action }: DriftProps) {
  const kinds = (['added', 'changed', 'removed'] as const).filter((kind) => drift[kind].length > 0)
  if (kinds.length === 0) return <p className="text-muted">{t.same}</p>
  return (
    <section aria-label={t.drift} className="flex flex-col gap-2 rounded-md bg-paused-bg px-3 py-2">
      <SlugLists lists={kinds.map((kind) => ({ label: t[kind], slugs: drift[kind] }))} />
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 flex-1">{t.syncToTake}</span>
        {action}
      </div>
    </section>
  )
}

export interface SlugListsProps {
  readonly lists: readonly { readonly label: string; readonly slugs: readonly string[] }[]
}

/** Labelled lists of functions. */
export function SlugLists({ lists }: SlugListsProps) {
  return (
    <dl className="flex flex-col gap-0.5 text-xs">
      {lists.map(({ label, slugs }) => (
        <div key={label} className="flex gap-x-2">
          <dt className="min-w-14 shrink-0 font-medium">{label}</dt>
          <dd className="mono min-w-0 break-words">{slugs.join(', ')}</dd>
        </div>
      ))}
    </dl>
  )
}
