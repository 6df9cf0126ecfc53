// The history of syncs, the newest first: what each added, changed and removed, or why it failed.

import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import type { AppSync } from '../../api/index.ts'
import { Button, Loaded, Panel, Status, Time } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { SlugLists } from './test-result.tsx'

const t = messages.syncs

const LOOK = { success: 'completed', duplicate: 'skipped', error: 'failed' } as const
const SHOWN_AT_FIRST = 8

export function AppSyncs({ query }: { readonly query: UseQueryResult<readonly AppSync[]> }) {
  const [isWhole, setIsWhole] = useState(false)
  return (
    <Panel title={t.title} isFlush>
      <div className={query.error === null ? '' : 'p-2'}>
        <Loaded query={query} errorTitle={t.failed}>
          {(syncs) => {
            const shown = isWhole ? syncs : syncs.slice(0, SHOWN_AT_FIRST)
            if (syncs.length === 0) return <p className="p-3 text-muted">{t.none}</p>
            return (
              <>
                <ol aria-label={t.title}>
                  {shown.map((sync) => (
                    <Sync key={`${sync.at} ${sync.status}`} sync={sync} />
                  ))}
                </ol>
                {shown.length < syncs.length && (
                  <div className="flex justify-center p-2">
                    <Button look="quiet" onClick={() => setIsWhole(true)}>
                      {t.more(syncs.length - shown.length)}
                    </Button>
                  </div>
                )}
              </>
            )
          }}
        </Loaded>
      </div>
    </Panel>
  )
}

function Sync({ sync }: { readonly sync: AppSync }) {
  const { at, status, error, functionCount, sdkVersion, appVersion } = sync
  const lists = (['added', 'changed', 'removed'] as const).flatMap((kind) => {
    const slugs = sync[kind] ?? []
    return slugs.length === 0 ? [] : [{ label: t[kind], slugs }]
  })
  return (
    <li className="flex flex-col gap-1 border-border border-b px-3 py-2 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3">
        <Status kind={LOOK[status]} word={t.states[status]} />
        <span className="text-muted">
          <Time at={at} />
        </span>
        <span className="flex-1" />
        <span className="text-muted text-xs">
          {[status !== 'error' && t.functions(functionCount), sdkVersion && `SDK ${sdkVersion}`, appVersion]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </div>
      {error !== undefined && (
        <p className="break-words">
          {error.message} <span className="mono text-muted text-xs">{t.code(error.code)}</span>
        </p>
      )}
      {lists.length > 0 && <SlugLists lists={lists} />}
    </li>
  )
}
