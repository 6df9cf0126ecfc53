// When a job runs: the interval, where in the day it starts, the zone; and beside it the next five runs, as one types.

import { useEffect, useId, useMemo, useState } from 'react'
import { usePreview } from '../../api/index.ts'
import {
  ErrorView,
  Field,
  formatTime,
  Notice,
  Panel,
  Select,
  Skeleton,
  serverNow,
  TextInput,
  useNowEvery,
} from '../../ui/index.ts'
import { hasAnchor, hasStartHour, lengthOf, scheduleWords } from '../job/schedule-words.ts'
import { driftsOf, INTERVALS, type JobDraft, scheduleOf } from './job-draft.ts'
import type { PartProps } from './job-form.tsx'
import { messages } from './messages.ts'

const OWN = 'own'

export function ScheduleFields(props: PartProps) {
  return (
    <Panel title={messages.when}>
      <div className="grid grid-cols-1 gap-5 min-[760px]:grid-cols-2">
        <Fields {...props} />
        <Preview draft={props.draft} />
      </div>
    </Panel>
  )
}

function Fields({ draft, set, faultOf }: PartProps) {
  const isPreset = INTERVALS.some((each) => each === draft.interval)
  const [isOwn, setIsOwn] = useState(!isPreset)
  const interval = Number(draft.interval)
  const isNumber = interval > 0
  const options = [
    ...INTERVALS.map((value) => ({ value: value as string, label: lengthOf(Number(value)) })),
    { value: OWN, label: messages.own },
  ]
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-start gap-3">
        <Field label={messages.interval} error={isOwn ? undefined : faultOf('intervalMinutes')}>
          {(control) => (
            <Select
              {...control}
              value={isOwn ? OWN : draft.interval}
              options={options}
              onChange={(value) => {
                setIsOwn(value === OWN)
                if (value !== OWN) set({ interval: value })
              }}
            />
          )}
        </Field>
        {isOwn && (
          <NumberField
            label={messages.ownInterval}
            hint={messages.ownHint}
            value={draft.interval}
            fault={faultOf('intervalMinutes')}
            onChange={(text) => set({ interval: text })}
          />
        )}
        {isNumber && hasStartHour(interval) && (
          <NumberField
            label={messages.startHour}
            value={draft.startHour}
            fault={faultOf('startHour')}
            onChange={(text) => set({ startHour: text })}
          />
        )}
        <NumberField
          label={messages.startMinute}
          value={draft.startMinute}
          fault={faultOf('startMinute')}
          onChange={(text) => set({ startMinute: text })}
        />
      </div>
      <ZoneField draft={draft} set={set} faultOf={faultOf} />
      {isNumber && hasAnchor(interval) && (
        <Field
          label={messages.anchor}
          hint={driftsOf(draft) ? messages.anchorElapsedHint : messages.anchorHint}
          error={faultOf('anchorDate')}
        >
          {(control) => (
            <TextInput
              {...control}
              type="date"
              value={draft.anchorDate}
              onChange={(event) => set({ anchorDate: event.target.value })}
              className="w-40"
            />
          )}
        </Field>
      )}
    </div>
  )
}

interface NumberFieldProps {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly fault: string | undefined
  readonly onChange: (text: string) => void
}

function NumberField({ label, hint, value, fault, onChange }: NumberFieldProps) {
  return (
    <Field label={label} hint={hint} error={fault}>
      {(control) => (
        <TextInput
          {...control}
          inputMode="numeric"
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className="w-24 tabular-nums"
        />
      )}
    </Field>
  )
}

function ZoneField({ draft, set, faultOf }: PartProps) {
  const list = useId()
  const zones = useMemo(() => [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])], [])
  return (
    <Field label={messages.zone} error={faultOf('timeZone')}>
      {(control) => (
        <>
          <TextInput
            {...control}
            list={list}
            autoComplete="off"
            spellCheck={false}
            value={draft.timeZone}
            onChange={(event) => set({ timeZone: event.target.value })}
            className="w-full max-w-72"
          />
          <datalist id={list}>
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}

/** Keys that come close together ask once. Milliseconds. */
const SETTLE_MS = 200

function Preview({ draft }: { readonly draft: JobDraft }) {
  const schedule = scheduleOf(draft)
  const asked = useSettled(JSON.stringify(schedule))
  const ask = useMemo(() => (asked === undefined ? undefined : { ...JSON.parse(asked), count: 5 }), [asked])
  const { data, error, isPlaceholderData } = usePreview(schedule === undefined ? undefined : ask)
  useNowEvery(15_000)
  const words =
    schedule &&
    scheduleWords({
      startMinute: 0,
      startHour: 0,
      timeZone: 'UTC',
      anchorDate: draft.anchorDate || '1970-01-01',
      ...schedule,
    })
  return (
    <section aria-label={messages.preview} className="flex min-w-0 flex-col gap-2">
      <h3 className="font-medium text-xs">{messages.preview}</h3>
      {schedule === undefined ? (
        <p className="text-muted">{messages.previewWait}</p>
      ) : (
        <>
          <p>{isWeekWithoutDay(draft) ? `Every ${lengthOf(Number(draft.interval))}` : words}</p>
          {error !== null && <ErrorView error={error} title={messages.previewFailed} />}
          {data === undefined && error === null && <Skeleton className="h-28 w-full" />}
          {data !== undefined && (
            <ol aria-live="polite" className={isPlaceholderData ? 'opacity-60' : ''}>
              {data.slots.map((slot) => (
                <li key={slot} className="flex gap-3 py-0.5 tabular-nums">
                  <span className="w-44">{slotText(slot, draft.timeZone)}</span>
                  <span className="text-muted">{formatTime(Date.parse(slot), serverNow(), 'local')}</span>
                </li>
              ))}
            </ol>
          )}
        </>
      )}
      {driftsOf(draft) && <Notice>{messages.drifts}</Notice>}
    </section>
  )
}

/** The day of the week follows from a date that the server chooses. */
function isWeekWithoutDay({ interval, anchorDate }: JobDraft): boolean {
  return anchorDate === '' && Number(interval) > 1440
}

function useSettled(text: string | undefined): string | undefined {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

function slotText(slot: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  })
  return format.format(Date.parse(slot))
}
