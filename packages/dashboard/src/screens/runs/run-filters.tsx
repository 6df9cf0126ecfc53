// The bar above the list: time, status, function, app, the rarer filters behind "More", and the search field; below it
// the chips of what is in force. Everything is written into the address at once.

import { ChevronDown } from 'lucide-react'
import { useMemo, useState } from 'react'
import {
  type EventName,
  type FnRow,
  type RunStatus,
  useApps,
  useEventNames,
  useFunctions,
  useSchedules,
} from '../../api/index.ts'
import {
  Button,
  Field,
  FilterBar,
  FilterChips,
  MultiSelect,
  type Option,
  Popover,
  RangePicker,
  Select,
  Status,
  statusOf,
  TextInput,
} from '../../ui/index.ts'
import { eventPaths, RUN_PATHS } from './complete-query.ts'
import { messages } from './messages.ts'
import { type QueryFault, QueryFaultView, QueryField } from './query-field.tsx'
import { cleared, filterParts, type RunsSearch, rangeOf, without } from './run-filter.ts'

const t = messages.filter

export interface RunFiltersProps {
  readonly search: RunsSearch
  /** Changes some parameters; undefined takes one away. */
  readonly change: (patch: Changes) => void
  readonly replace: (search: RunsSearch) => void
  readonly onSearch: (text: string) => void
  readonly fault: QueryFault | undefined
  readonly note: React.ReactNode
}

export type Changes = { readonly [Name in keyof RunsSearch]?: RunsSearch[Name] | undefined }

const STATUSES: readonly RunStatus[] = ['QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED']
const statusOptions: readonly Option<RunStatus>[] = STATUSES.map((status) => ({
  value: status,
  label: messages.statuses[status],
  icon: <Status kind={statusOf(status)} look="icon" />,
}))

export function RunFilters(props: RunFiltersProps) {
  const { search, change, replace, onSearch, fault, note } = props
  const functions = useFunctions()
  const apps = useApps()
  const names = useEventNames()
  const paths = useMemo(() => completionPaths(names.data ?? [], search.eventName), [names.data, search.eventName])
  const functionOptions = useMemo(() => functionOptionsOf(functions.rows, search.appId), [functions.rows, search.appId])
  const functionName = (slug: string) => functions.rows.find((fn) => fn.slug === slug)?.name ?? slug
  const parts = filterParts(search, { functionName })
  return (
    <div className="flex flex-col gap-2 px-3 py-2">
      <FilterBar label={t.time}>
        <Select
          aria-label={t.timeField}
          value={search.timeField ?? 'queuedAt'}
          options={(['queuedAt', 'startedAt', 'endedAt'] as const).map((value) => ({
            value,
            label: messages.timeFields[value],
          }))}
          onChange={(timeField) => change({ timeField: timeField === 'queuedAt' ? undefined : timeField })}
        />
        <RangePicker
          value={rangeOf(search)}
          onChange={({ last, from, until }) => change({ last: last === '24h' ? undefined : last, from, until })}
        />
        <MultiSelect
          label={t.status}
          options={statusOptions}
          value={search.status ?? []}
          onChange={(status) => change({ status })}
        />
        <MultiSelect
          label={t.function}
          options={functionOptions}
          value={search.function ?? []}
          isPending={functions.isPending}
          onChange={(chosen) => change({ function: chosen })}
        />
        <MultiSelect
          label={t.app}
          isSingle
          options={apps.rows.map((app) => ({ value: app.id, label: app.id }))}
          value={search.appId === undefined ? [] : [search.appId]}
          isPending={apps.isPending}
          onChange={([appId]) => change({ appId })}
        />
        <More search={search} change={change} names={names.data ?? []} />
        <QueryField
          label={messages.search.label}
          placeholder={messages.search.placeholder}
          value={search.query ?? ''}
          onSearch={onSearch}
          paths={paths}
          fault={fault}
        />
      </FilterBar>
      <QueryFaultView fault={fault} text={search.query ?? ''} />
      {note}
      <FilterChips
        chips={parts.map(({ id, name, text }) => ({ name, text, onRemove: () => replace(without(search, id)) }))}
        onClearAll={() => replace(cleared(search))}
      />
    </div>
  )
}

/** Fields of the chosen events alone, where some are chosen. */
function completionPaths(names: readonly EventName[], chosen: readonly string[] | undefined): readonly string[] {
  const own = chosen === undefined ? names : names.filter(({ name }) => chosen.includes(name))
  return [...eventPaths(own), ...RUN_PATHS]
}

function functionOptionsOf(rows: readonly FnRow[], appId: string | undefined): readonly Option[] {
  return rows
    .filter((fn) => appId === undefined || fn.app.id === appId)
    .map((fn) => ({ value: fn.slug, label: fn.name, detail: fn.app.id }))
}

interface MoreProps extends Pick<RunFiltersProps, 'search' | 'change'> {
  readonly names: readonly EventName[]
}

function More({ search, change, names }: MoreProps) {
  const { eventName, cron, isBatch, hasRetries, longerThanMs, parentRunId } = search
  const count = [eventName, cron, isBatch, hasRetries, longerThanMs, parentRunId].filter(
    (each) => each !== undefined,
  ).length
  return (
    <Popover
      label={t.more}
      className="w-80 p-3"
      trigger={
        <button
          type="button"
          className={`inline-flex h-7 items-center gap-1.5 rounded-md border border-border-strong px-2 text-sm hover:bg-hover ${count > 0 ? 'bg-raised' : 'border-dashed text-muted'}`}
        >
          {count > 0 ? t.moreCount(count) : t.more}
          <ChevronDown size={13} aria-hidden className="text-muted" />
        </button>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap gap-1.5">
          <MultiSelect
            label={t.eventName}
            options={names.map(({ name }) => ({ value: name, label: name }))}
            value={eventName ?? []}
            onChange={(chosen) => change({ eventName: chosen })}
          />
          <CronFilter value={cron} onChange={(chosen) => change({ cron: chosen })} />
        </div>
        <div className="grid grid-cols-2 gap-3">
          <YesNoField label={t.isBatch} value={isBatch} onChange={(chosen) => change({ isBatch: chosen })} />
          <YesNoField label={t.hasRetries} value={hasRetries} onChange={(chosen) => change({ hasRetries: chosen })} />
        </div>
        <DurationField key={longerThanMs} value={longerThanMs} onChange={(ms) => change({ longerThanMs: ms })} />
        <ParentField key={parentRunId} value={parentRunId} onChange={(id) => change({ parentRunId: id })} />
      </div>
    </Popover>
  )
}

function CronFilter({
  value,
  onChange,
}: {
  readonly value: string | undefined
  readonly onChange: (cron: string | undefined) => void
}) {
  const schedules = useSchedules()
  const expressions = [
    ...new Set([...(schedules.data ?? []).map(({ expression }) => expression), ...(value ? [value] : [])]),
  ]
  return (
    <MultiSelect
      label={t.cron}
      isSingle
      options={expressions.map((expression) => ({ value: expression, label: expression }))}
      value={value === undefined ? [] : [value]}
      isPending={schedules.isPending}
      onChange={([cron]) => onChange(cron)}
    />
  )
}

interface YesNoProps {
  readonly label: string
  readonly value: boolean | undefined
  readonly onChange: (value: boolean | undefined) => void
}

function YesNoField({ label, value, onChange }: YesNoProps) {
  return (
    <Field label={label}>
      {(control) => (
        <Select
          {...control}
          value={value === undefined ? 'any' : value ? 'yes' : 'no'}
          options={[
            { value: 'any', label: t.any },
            { value: 'yes', label: t.yes },
            { value: 'no', label: t.no },
          ]}
          onChange={(chosen) => onChange(chosen === 'any' ? undefined : chosen === 'yes')}
        />
      )}
    </Field>
  )
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
type Unit = keyof typeof UNITS

/** The largest unit that shows the duration as a whole number. */
function unitOf(ms: number | undefined): Unit {
  if (ms === undefined) return 's'
  return (['h', 'm', 's'] as const).find((unit) => ms % UNITS[unit] === 0) ?? 'ms'
}

interface DurationProps {
  readonly value: number | undefined
  readonly onChange: (ms: number | undefined) => void
}

function DurationField({ value, onChange }: DurationProps) {
  const [unit, setUnit] = useState<Unit>(unitOf(value))
  const [text, setText] = useState(value === undefined ? '' : String(value / UNITS[unit]))
  const apply = (next: string, by: Unit) => {
    const count = next.trim() === '' ? undefined : Number(next)
    if (count !== undefined && !(count >= 0)) return
    const ms = count === undefined ? undefined : Math.round(count * UNITS[by])
    if (ms !== value) onChange(ms)
  }
  return (
    <Field label={t.longerThan}>
      {(control) => (
        <div className="flex gap-1.5">
          <TextInput
            {...control}
            type="number"
            min={0}
            inputMode="decimal"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onBlur={() => apply(text, unit)}
            onKeyDown={(event) => event.key === 'Enter' && apply(text, unit)}
            className="w-28"
          />
          <Select
            aria-label={`${t.longerThan}: ${t.units[unit]}`}
            value={unit}
            options={(['ms', 's', 'm', 'h'] as const).map((each) => ({ value: each, label: t.units[each] }))}
            onChange={(next) => {
              setUnit(next)
              apply(text, next)
            }}
          />
        </div>
      )}
    </Field>
  )
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i

interface ParentProps {
  readonly value: string | undefined
  readonly onChange: (id: string | undefined) => void
}

function ParentField({ value, onChange }: ParentProps) {
  const [text, setText] = useState(value ?? '')
  const trimmed = text.trim().toUpperCase()
  const isBad = trimmed !== '' && !ULID.test(trimmed)
  const apply = () => {
    const next = trimmed === '' ? undefined : trimmed
    if (!isBad && next !== value) onChange(next)
  }
  return (
    <div className="flex flex-col gap-3">
      <Field label={t.parentRunId} error={isBad ? t.badId : undefined}>
        {(control) => (
          <TextInput
            {...control}
            isMono
            spellCheck={false}
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onBlur={apply}
            onKeyDown={(event) => event.key === 'Enter' && apply()}
          />
        )}
      </Field>
      {value !== undefined && (
        <Button size="sm" onClick={() => onChange(undefined)}>
          {messages.empty.remove(t.parentRunId)}
        </Button>
      )}
    </div>
  )
}
