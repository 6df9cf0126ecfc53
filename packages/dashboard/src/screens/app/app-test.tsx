// Reachability: a test on request, and by itself when the page opens on an app that is known to be in trouble, so that the
// cause stands there without a click.

import { Radar } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTestApp } from '../../api/index.ts'
import { Button, ErrorView, Panel, Skeleton, Time, useIsSlow } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { TestResult } from './test-result.tsx'

const t = messages.test

/** The test of an app with what it found last. */
export function useAppTest(appId: string, isInTrouble: boolean) {
  const test = useTestApp({ meta: { isShown: true } })
  const { mutate } = test
  const isBegun = useRef(false)
  useEffect(() => {
    if (!isInTrouble || isBegun.current) return
    isBegun.current = true
    mutate({ appId })
  }, [appId, isInTrouble, mutate])
  return test
}

export interface AppTestPanelProps {
  readonly test: ReturnType<typeof useTestApp>
  readonly onTest: () => void
  /** Why it cannot be tested. */
  readonly reason: string | undefined
  readonly syncButton: React.ReactNode
}

export function AppTestPanel({ test, onTest, reason, syncButton }: AppTestPanelProps) {
  const { data, error, isPending, submittedAt } = test
  const isSlow = useIsSlow(isPending)
  return (
    <Panel
      title={t.title}
      actions={
        <Button icon={Radar} keys="t" isBusy={isPending} reason={reason} onClick={onTest}>
          {t.button}
        </Button>
      }
    >
      <div aria-busy={isPending} className="flex flex-col gap-3">
        {isSlow && (
          <div role="status" aria-label={t.running} className="flex flex-col gap-2">
            <Skeleton className="h-9 w-full" />
            <Skeleton className="h-20 w-full" />
          </div>
        )}
        {error !== null && <ErrorView error={error} title={t.failed} onRetry={onTest} />}
        {data !== undefined && (
          <>
            <TestResult test={data} action={syncButton} />
            <p className="break-words text-muted text-xs">
              {t.at} <Time at={submittedAt} /> · <bdi className="mono break-all">{data.url}</bdi>
            </p>
          </>
        )}
        {data === undefined && error === null && !isPending && <p className="text-muted">{t.hint}</p>}
      </div>
    </Panel>
  )
}
