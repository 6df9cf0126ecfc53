// Pause, resume and stop of one operation. Stopping cannot be taken back, so that it asks first and says what is left.

import { CirclePause, CirclePlay, CircleStop } from 'lucide-react'
import { useState } from 'react'
import { type Bulk, useBulkAction } from '../../api/index.ts'
import { Button, Confirm, IconButton, toast } from '../../ui/index.ts'
import { progressOf, titleOf } from './bulk-state.ts'
import { messages } from './messages.ts'

const t = messages.actions

export interface BulkActionsProps {
  readonly bulk: Bulk
  /** Icons only, for rows. */
  readonly isSmall?: boolean
}

/** Nothing for an operation that has ended. */
export function BulkActions({ bulk, isSmall }: BulkActionsProps) {
  const [isAsking, setIsAsking] = useState(false)
  const act = useBulkAction()
  const stop = useBulkAction({
    meta: { isShown: true },
    onSuccess: () => {
      setIsAsking(false)
      toast.success(t.stopped)
    },
  })
  const { isOpen, left } = progressOf(bulk)
  const isPaused = bulk.state === 'paused'
  const title = titleOf(bulk)
  if (!isOpen && !isAsking) return null
  const turn = () =>
    act.mutate(
      { id: bulk.id, action: isPaused ? 'resume' : 'pause' },
      { onSuccess: () => toast.success(isPaused ? t.resumed : t.paused, { detail: title }) },
    )
  const word = isPaused ? t.resume : t.pause
  const icon = isPaused ? CirclePlay : CirclePause
  return (
    <>
      {isSmall ? (
        <span className="inline-flex gap-0.5">
          <IconButton
            label={`${word}: ${title}`}
            hint={word}
            icon={icon}
            size="sm"
            isBusy={act.isPending}
            onClick={turn}
          />
          <IconButton
            label={`${t.stop}: ${title}`}
            hint={t.stop}
            icon={CircleStop}
            size="sm"
            onClick={() => setIsAsking(true)}
          />
        </span>
      ) : (
        <>
          <Button icon={icon} isBusy={act.isPending} onClick={turn}>
            {word}
          </Button>
          <Button icon={CircleStop} look="danger" onClick={() => setIsAsking(true)}>
            {t.stop}
          </Button>
        </>
      )}
      {isAsking && (
        <Confirm
          title={t.stopTitle}
          action={t.stopButton}
          isBusy={stop.isPending}
          error={stop.error}
          onClose={() => setIsAsking(false)}
          onConfirm={() => stop.mutate({ id: bulk.id, action: 'stop' })}
        >
          <p className="font-medium">{title}</p>
          <p>{t.stopText}</p>
          {left !== undefined && (
            <p className="text-muted tabular-nums">
              {left.toLocaleString('en').replaceAll(',', '\u202f')} {t.left(left === 1)}
            </p>
          )}
        </Confirm>
      )}
    </>
  )
}
