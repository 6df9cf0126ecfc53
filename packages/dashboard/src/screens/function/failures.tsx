// Recent failures, grouped by message: what goes wrong, how often, and the newest run of each kind one click away.

import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { type FailureGroup, type Fn, useFailures } from '../../api/index.ts'
import { Loaded, Panel, SkeletonRows, Time } from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.failures

export interface FailuresProps {
  readonly fn: Fn
  readonly window: { readonly from?: string; readonly until?: string }
  /** The range for the list of runs. */
  readonly range: { readonly last?: string; readonly from?: string; readonly until?: string }
}

export function Failures({ fn, window, range }: FailuresProps) {
  const failures = useFailures(fn.app.id, fn.id, window)
  return (
    <Panel
      title={t.title}
      isFlush
      actions={
        (failures.data?.length ?? 0) > 0 && (
          <Link
            to="/runs"
            search={{ ...range, timeField: 'endedAt', function: [fn.slug], status: ['FAILED'] }}
            className="link text-xs"
          >
            {t.all}
          </Link>
        )
      }
    >
      <Loaded query={failures} errorTitle={t.notRead} skeleton={<SkeletonRows count={2} height={52} />}>
        {(groups) =>
          groups.length === 0 ? (
            <p className="flex items-center gap-2 px-3 py-4 text-muted">
              <CircleCheck size={15} aria-hidden />
              {t.none}
            </p>
          ) : (
            <ul>
              {groups.map((group) => (
                <Group key={`${group.name} ${group.message}`} group={group} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}

function Group({ group: { name, message, count, lastRunId, lastAt } }: { readonly group: FailureGroup }) {
  return (
    <li className="border-border border-b last:border-b-0">
      <Link
        to="/runs/$runId"
        params={{ runId: lastRunId }}
        search={{ tab: 'error' }}
        title={t.open}
        className="block px-3 py-2 no-underline outline-offset-[-2px] hover:bg-hover"
      >
        <span className="line-clamp-2 break-words">
          <span className="mono text-failed-fg text-xs">{name}</span>{' '}
          <span>{message === '' ? t.noMessage : message}</span>
        </span>
        <span className="mt-0.5 flex justify-between gap-2 text-muted text-xs tabular-nums">
          <span className="font-medium text-text">{t.count(count)}</span>
          <span>
            {t.last} <Time at={lastAt} />
          </span>
        </span>
      </Link>
    </li>
  )
}
