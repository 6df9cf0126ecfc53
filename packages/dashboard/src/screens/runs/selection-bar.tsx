// What can be done with the selected runs. It stands in place of the count, so that nothing moves when a row is selected.
// "All that match" is a filter, not a list: the operation asks the server for it.

import { Ban, RotateCw, X } from 'lucide-react'
import { useState } from 'react'
import { type BulkAsk, type Run, type RunFilter, readRuns, useFunctions, useRunCount } from '../../api/index.ts'
import { Button, formatExact, IconButton, toast, useCommands } from '../../ui/index.ts'
import { type BulkKind, bulkAskFor, canTouch, RUN_IDS_MAX } from './bulk-ask.ts'
import { BulkConfirm } from './bulk-confirm.tsx'
import { ExportMenu } from './export-menu.tsx'
import { messages } from './messages.ts'
import { COUNT_AT_ONCE } from './run-count.tsx'

const t = messages.selection

export interface SelectionBarProps {
  readonly filter: RunFilter
  readonly rows: readonly Run[]
  readonly ids: ReadonlySet<string>
  /** Everything that matches is meant, loaded or not. */
  readonly isAll: boolean
  /** There is more than what is loaded. */
  readonly hasMore: boolean
  readonly onAll: () => void
  readonly onClear: () => void
}

export function SelectionBar(props: SelectionBarProps) {
  const { filter, rows, ids, isAll, hasMore, onAll, onClear } = props
  const isWhole = rows.length > 0 && rows.every((run) => ids.has(run.id))
  const isSearch = filter.query !== undefined
  const count = useRunCount(filter, COUNT_AT_ONCE, isSearch || !(isWhole && hasMore))
  const total = count.data === undefined ? '…' : `${formatExact(count.data.count)}${count.data.isCut ? '+' : ''}`
  const bulk = useBulkAsk(props, count.data?.isCut === true ? undefined : count.data?.count)
  const reasons = { CANCEL: bulk.reason('CANCEL'), RERUN: bulk.reason('RERUN') }
  useCommands([
    { label: t.cancel, keys: 'c', run: () => bulk.begin('CANCEL'), reason: reasons.CANCEL },
    { label: t.rerun, keys: 'r', run: () => bulk.begin('RERUN'), reason: reasons.RERUN },
  ])
  return (
    <section aria-label={t.label} className="flex min-h-8 flex-wrap items-center gap-1.5">
      <IconButton size="sm" label={t.clear} icon={X} keys="escape" onClick={onClear} />
      <span className="font-medium tabular-nums">{isAll ? t.all(total) : t.count(formatExact(ids.size))}</span>
      {!isAll && isWhole && hasMore && !isSearch && (
        <button type="button" className="link min-h-6 px-1" onClick={onAll}>
          {t.selectAll(total)}
        </button>
      )}
      <span className="flex-1" />
      <Button
        icon={RotateCw}
        keys="r"
        reason={reasons.RERUN}
        isBusy={bulk.isGathering}
        onClick={() => bulk.begin('RERUN')}
      >
        {t.rerun}
      </Button>
      <Button
        icon={Ban}
        look="danger"
        keys="c"
        reason={reasons.CANCEL}
        isBusy={bulk.isGathering}
        onClick={() => bulk.begin('CANCEL')}
      >
        {t.cancel}
      </Button>
      <ExportMenu filter={filter} ids={isAll ? undefined : ids} count={isAll ? total : formatExact(ids.size)} />
      {bulk.ask !== undefined && (
        <BulkConfirm
          ask={bulk.ask}
          onClose={bulk.close}
          onStarted={() => {
            bulk.close()
            onClear()
          }}
        />
      )}
    </section>
  )
}

/** The request for what is selected, made when it is asked for. */
function useBulkAsk({ filter, rows, ids, isAll }: SelectionBarProps, total: number | undefined) {
  const functions = useFunctions({}, { isOff: !isAll })
  const [ask, setAsk] = useState<BulkAsk>()
  const [isGathering, setIsGathering] = useState(false)
  const functionsOf = (appId: string) => functions.rows.filter((fn) => fn.app.id === appId).map((fn) => fn.slug)
  const askFor = (kind: BulkKind) => bulkAskFor(kind, filter, functionsOf)
  const isFew = total !== undefined && total <= RUN_IDS_MAX
  const reason = (kind: BulkKind): string | false => {
    const none = kind === 'CANCEL' ? t.noneLive : t.noneEnded
    if (!isAll) {
      if (ids.size > RUN_IDS_MAX) return t.tooMany(formatExact(RUN_IDS_MAX))
      const known = rows.filter((run) => ids.has(run.id))
      return known.length === ids.size && !known.some((run) => canTouch(kind, run)) && none
    }
    const found = askFor(kind)
    if ('isNone' in found) return none
    return 'cannot' in found && !isFew && messages.bulk.cannot(found.cannot.join(', '))
  }
  const begin = async (kind: BulkKind) => {
    if (!isAll) return setAsk({ kind, runIds: [...ids] })
    const found = askFor(kind)
    if ('ask' in found) return setAsk(found.ask)
    setIsGathering(true)
    try {
      setAsk({ kind, runIds: await allIds(filter) })
    } catch (error) {
      toast.error(error)
    } finally {
      setIsGathering(false)
    }
  }
  return { ask, isGathering, reason, begin: (kind: BulkKind) => void begin(kind), close: () => setAsk(undefined) }
}

/** Ids of all runs of a filter that a bulk operation cannot say; there are few. */
async function allIds(filter: RunFilter): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await readRuns({ ...filter, ...(cursor === undefined ? {} : { cursor }) }, 100)
    ids.push(...page.rows.map((run) => run.id))
    cursor = page.cursor
  } while (cursor !== undefined && ids.length < RUN_IDS_MAX)
  return ids.slice(0, RUN_IDS_MAX)
}
