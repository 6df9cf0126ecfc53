// Syncing an app at a URL, with the cause when it fails: the server's own words at once, and then what a test of the way
// there finds. Used to connect an app and to move one.

import { useState } from 'react'
import { type SyncAnswer, useSyncApp, useTestApp } from '../../api/index.ts'
import { ErrorView, Field, TextInput } from '../../ui/index.ts'
import { readUrl } from '../apps/connect-lines.ts'
import { messages as words } from '../apps/messages.ts'
import { TestResult } from './test-result.tsx'

const t = words.connect

/** In the place of the name of an app that is not known yet; the server goes by the URL. */
export const NEW_APP = '-'

export interface UrlSync {
  readonly text: string
  readonly setText: (text: string) => void
  readonly fault: string | undefined
  readonly isPending: boolean
  readonly submit: () => void
  /** What came of it. */
  readonly outcome: React.ReactNode
}

/** State and actions of a form with one URL. */
export function useUrlSync(appId: string, begin: string, onDone: (answer: SyncAnswer) => void): UrlSync {
  const [text, setText] = useState(begin)
  const [fault, setFault] = useState<string>()
  const test = useTestApp({ meta: { isShown: true } })
  const sync = useSyncApp({
    meta: { isShown: true },
    onSuccess: onDone,
    onError: (_error, { url }) => test.mutate({ appId, ...(url === undefined ? {} : { url }) }),
  })
  return {
    text,
    setText(next) {
      setText(next)
      setFault(undefined)
    },
    fault,
    isPending: sync.isPending || test.isPending,
    submit() {
      const url = readUrl(text)
      if (url === undefined) return setFault(t.urlFault)
      test.reset()
      sync.mutate({ appId, url })
    },
    outcome: sync.error !== null && (
      <div className="flex flex-col gap-2">
        {test.data?.cause === undefined && <ErrorView error={sync.error} title={t.refused} />}
        {test.isPending && <p className="text-muted">{t.asking}</p>}
        {test.data !== undefined && <TestResult test={test.data} hasNoDrift />}
      </div>
    ),
  }
}

export interface UrlFieldProps {
  readonly sync: UrlSync
  readonly button?: React.ReactNode
}

/** The field, and below it what came of it. */
export function UrlField({ sync, button }: UrlFieldProps) {
  const { text, setText, fault, outcome } = sync
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Field label={t.url} hint={t.urlHint} error={fault}>
        {(control) => (
          <div className="flex gap-2">
            <TextInput
              {...control}
              isMono
              autoFocus
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              placeholder="http://localhost:3000/api/inngest"
              value={text}
              onChange={(event) => setText(event.target.value)}
              className="min-w-0 flex-1"
            />
            {button}
          </div>
        )}
      </Field>
      {outcome}
    </div>
  )
}
