// Pauses a function: for how long, what becomes of new runs, what becomes of live ones; with the number of runs that it
// touches. Only cancelling cannot be taken back, and its button says so.

import { Pause } from 'lucide-react'
import { useState } from 'react'
import { type Fn, usePause, useRunCount } from '../../api/index.ts'
import {
  Button,
  Dialog,
  ErrorView,
  Field,
  formatExact,
  RadioGroup,
  Segmented,
  serverNow,
  TextInput,
  toast,
  useNowEvery,
  useZone,
} from '../../ui/index.ts'
import { messages } from './messages.ts'
import { type PauseForm, pauseAsk, usualPause } from './pause-ask.ts'

const t = messages.pause
const LENGTHS = ['15m', '1h', 'until', 'open'] as const
const NEW = ['skip', 'hold'] as const
const RUNNING = ['hold', 'finish', 'cancel'] as const
const COUNT_MAX = 10_000

export function PauseDialog({ fn, onClose }: { readonly fn: Fn; readonly onClose: () => void }) {
  const [form, setForm] = useState<PauseForm>(usualPause)
  const zone = useZone()
  useNowEvery(10_000)
  const live = useLiveCount(fn)
  const pause = usePause({
    meta: { isShown: true },
    onSuccess: () => {
      toast.success(t.doneUntil(fn.name))
      onClose()
    },
  })
  const ask = pauseAsk(form, { now: serverNow(), zone })
  const isCancelling = form.running === 'cancel'
  const submit = () => {
    if (ask !== undefined && !pause.isPending) pause.mutate({ appId: fn.app.id, functionId: fn.id, ...ask })
  }
  const set = (patch: Partial<PauseForm>) => setForm((before) => ({ ...before, ...patch }))
  return (
    <Dialog
      title={t.title(fn.name)}
      description={live.says}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{messages.dialogClose}</Button>
          <Button
            type="submit"
            data-autofocus
            icon={Pause}
            look={isCancelling ? 'danger' : 'primary'}
            isBusy={pause.isPending}
            keys="mod+enter"
            reason={ask === undefined && t.untilBad}
          >
            {isCancelling ? t.actionCancel(live.runs) : t.action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <p className="mb-1 font-medium text-xs">{t.howLong}</p>
          <Segmented
            label={t.howLong}
            value={form.length}
            options={LENGTHS.map((value) => ({ value, label: t.forWords[value] }))}
            onChange={(length) => set({ length })}
          />
          {form.length === 'until' && (
            <div className="mt-2 max-w-60">
              <Field label={t.untilLabel} error={form.until !== '' && ask === undefined ? t.untilBad : undefined}>
                {(control) => (
                  <TextInput
                    {...control}
                    type="datetime-local"
                    value={form.until}
                    onChange={(event) => set({ until: event.target.value })}
                  />
                )}
              </Field>
            </div>
          )}
        </div>
        <RadioGroup
          label={t.new}
          value={form.new}
          options={NEW.map((value) => ({ value, ...t.newWords[value] }))}
          onChange={(value) => set({ new: value })}
        />
        <RadioGroup
          label={t.running}
          value={form.running}
          options={RUNNING.map((value) => ({
            value,
            label: t.runningWords[value].label,
            hint: t.runningWords[value].hint(live.runs),
          }))}
          onChange={(running) => set({ running })}
        />
        {pause.error !== null && <ErrorView error={pause.error} />}
      </div>
    </Dialog>
  )
}

/** How many runs a pause touches, in words. */
function useLiveCount(fn: Fn) {
  const running = useRunCount({ function: [fn.slug], status: ['RUNNING'] }, COUNT_MAX)
  const queued = useRunCount({ function: [fn.slug], status: ['QUEUED'] }, COUNT_MAX)
  if (running.data === undefined || queued.data === undefined) {
    return { runs: t.runs('–', false), says: running.error === null ? t.counting : running.error.message }
  }
  const isCut = running.data.isCut || queued.data.isCut
  const count = running.data.count + queued.data.count
  const text = (of: { readonly count: number; readonly isCut?: true }) => formatExact(of.count) + (of.isCut ? '+' : '')
  return {
    runs: t.runs(formatExact(count) + (isCut ? '+' : ''), count === 1),
    says: t.live(text(running.data), text(queued.data)),
  }
}
