// The page of a run. What is chosen, zoomed and searched stands in the address.

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { useRun } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import { shortId } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { RunPatch, RunState } from './run-state.ts'
import { RunView } from './run-view.tsx'
import { useNeighbours } from './use-neighbours.ts'

export function Screen() {
  const { runId } = useParams({ from: '/runs/$runId' })
  const search = useSearch({ from: '/runs/$runId' })
  const navigate = useNavigate({ from: '/runs/$runId' })
  const { data: run } = useRun(runId)
  const neighbours = useNeighbours(runId)
  const change = useCallback(
    (patch: RunPatch, how: { readonly isStep?: boolean } = {}) => {
      void navigate({
        // A new object without the names that are taken away; the router leaves out what is undefined.
        search: (before) => withoutAbsent({ ...before, ...patch }),
        replace: how.isStep !== true,
        resetScroll: false,
      })
    },
    [navigate],
  )
  const state: RunState = useMemo(() => ({ search, change }), [search, change])
  const name = run?.function.name
  return (
    <Page
      title={name === undefined ? messages.title : `${name} ${shortId(runId)}`}
      heading={name ?? messages.title}
      trail={[
        <Link key="runs" to="/runs" className="quiet-link">
          {messages.runs}
        </Link>,
      ]}
      isFull
    >
      <RunView
        key={runId}
        runId={runId}
        state={state}
        look="page"
        link={location.href}
        neighbours={neighbours}
        onGo={(to) =>
          void navigate({
            to: '/runs/$runId',
            params: { runId: to },
            search: search.tab === undefined ? {} : { tab: search.tab },
          })
        }
      />
    </Page>
  )
}

function withoutAbsent<T extends object>(search: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]: Exclude<T[Name], undefined>
  }
}
