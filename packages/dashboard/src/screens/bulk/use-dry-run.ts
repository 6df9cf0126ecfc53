// Counts what the form would touch, by itself, a moment after the last change. What was counted belongs to the form as it
// was then: the answer says whether it still does, and the request that was counted is the one that is started.

import { useEffect, useRef, useState } from 'react'
import { type BulkAsk, type BulkDry, useBulkDry } from '../../api/index.ts'
import { serverNow } from '../../ui/index.ts'
import { askOf, type BulkForm, dryKeyOf, faultsOf } from './bulk-form.ts'

const PAUSE_MS = 350

export interface DryRun {
  /** The newest answer; of an earlier form while `isFresh` is false. */
  readonly dry: BulkDry | undefined
  /** It was counted for the form as it is. */
  readonly isFresh: boolean
  readonly isCounting: boolean
  readonly error: Error | null
  /** What was counted, to be started with the form's name and rate. */
  readonly asked: BulkAsk | undefined
  readonly again: () => void
}

/** Keeps a dry run of the form. */
export function useDryRun(form: BulkForm): DryRun {
  const { mutate, error, isPending } = useBulkDry({ meta: { isShown: true } })
  const [counted, setCounted] = useState<{ key: string; ask: BulkAsk; dry: BulkDry }>()
  const [turn, setTurn] = useState(0)
  const key = dryKeyOf(form)
  const isFaulty = faultsOf(form).statuses !== undefined
  const latest = useRef(form)
  latest.current = form
  const isFirst = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks for the same once more.
  useEffect(() => {
    if (isFaulty) return
    const timer = setTimeout(
      () => {
        isFirst.current = false
        const ask = askOf(latest.current, serverNow())
        mutate(ask, { onSuccess: (dry) => setCounted({ key, ask, dry }) })
      },
      isFirst.current ? 0 : PAUSE_MS,
    )
    return () => clearTimeout(timer)
  }, [key, isFaulty, turn, mutate])
  const isFresh = counted?.key === key && !isPending
  return {
    dry: counted?.dry,
    isFresh: isFresh && error === null,
    isCounting: isPending || (!isFresh && error === null && !isFaulty),
    error: isPending ? null : error,
    asked: counted?.ask,
    again: () => setTurn((before) => before + 1),
  }
}
