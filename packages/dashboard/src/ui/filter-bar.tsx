// The pieces above a list: the bar itself, the time range, a search field, and the chips that show what is in force with
// one control that clears them all. The filters live in the address; these pieces only show and change them.

import { CalendarClock, ChevronDown, Search, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from './button.tsx'
import { cx } from './class-names.ts'
import { useZone } from './clock.ts'
import { Field, TextInput } from './field.tsx'
import { formatDate, localZoneName } from './format.ts'
import { messages } from './messages.ts'
import { Popover } from './popover.tsx'
import { fieldText, instantOf, type TimeRange } from './time-range.ts'
import { useCommands } from './use-keys.ts'

/** A row of filters that wraps. */
export function FilterBar({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: the `search` element is not known to all readers yet.
    <div role="search" aria-label={label} className="flex flex-wrap items-center gap-1.5">
      {children}
    </div>
  )
}

export interface Chip {
  readonly name: string
  readonly text: string
  readonly onRemove: () => void
}

/** The filters in force, each removable, and one control for all. */
export function FilterChips({
  chips,
  onClearAll,
}: {
  readonly chips: readonly Chip[]
  readonly onClearAll: () => void
}) {
  if (chips.length === 0) return null
  return (
    <ul className="flex flex-wrap items-center gap-1.5">
      {chips.map((chip) => (
        <li
          key={`${chip.name} ${chip.text}`}
          className="inline-flex h-6 max-w-80 items-center rounded-full border border-border bg-raised pl-2.5 text-xs"
        >
          <span className="text-muted">{chip.name}</span>
          <bdi className="mx-1 truncate font-medium">{chip.text}</bdi>
          <button
            type="button"
            aria-label={messages.remove(`${chip.name} ${chip.text}`)}
            onClick={chip.onRemove}
            className="inline-flex size-6 items-center justify-center rounded-full text-muted hover:bg-hover hover:text-text"
          >
            <X size={12} aria-hidden />
          </button>
        </li>
      ))}
      <li>
        <Button size="sm" look="quiet" onClick={onClearAll}>
          {messages.clearAll}
        </Button>
      </li>
    </ul>
  )
}

export interface SearchFieldProps {
  readonly label: string
  readonly value: string
  /** On Enter, and when the field is cleared. */
  readonly onSearch: (text: string) => void
  readonly placeholder?: string
  /** At each key too, for lists that are searched in the page. */
  readonly onType?: (text: string) => void
  readonly error?: string | undefined
  readonly className?: string
}

/** A search field that `/` brings the focus to. */
export function SearchField({ label, value, onSearch, placeholder, onType, error, className }: SearchFieldProps) {
  const ref = useRef<HTMLInputElement>(null)
  const [draft, setDraft] = useState({ of: value, text: value })
  const text = draft.of === value ? draft.text : value
  useCommands([{ label, keys: '/', isKeyOnly: true, run: () => ref.current?.focus() }])
  const type = (next: string) => {
    setDraft({ of: value, text: next })
    onType?.(next)
  }
  return (
    <div className={cx('relative flex min-w-40 flex-1 flex-col', className)}>
      <Search size={14} aria-hidden className="pointer-events-none absolute top-1.75 left-2 text-muted" />
      <TextInput
        ref={ref}
        type="search"
        aria-label={label}
        aria-keyshortcuts="/"
        aria-invalid={error ? true : undefined}
        placeholder={placeholder ?? label}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          type(event.target.value)
          if (event.target.value === '') onSearch('')
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onSearch(text)
          if (event.key === 'Escape') {
            event.preventDefault()
            if (text === '') event.currentTarget.blur()
            else {
              type('')
              onSearch('')
            }
          }
        }}
        className="w-full pl-7"
      />
      {error && (
        <p role="alert" className="mt-1 text-failed-fg text-xs">
          {error}
        </p>
      )}
    </div>
  )
}

export interface RangePickerProps {
  readonly value: TimeRange
  readonly onChange: (range: TimeRange) => void
  /** Such as `1h`, `24h`; `all` for no bounds. */
  readonly choices?: readonly string[]
  /** Without the field for two instants. */
  readonly isSimple?: boolean
}

const CHOICES = ['15m', '1h', '6h', '24h', '7d', '30d', 'all'] as const

/** The time range; `T` opens it. */
export function RangePicker({ value, onChange, choices = CHOICES, isSimple }: RangePickerProps) {
  const [isOpen, setIsOpen] = useState(false)
  const zone = useZone()
  useCommands([{ label: messages.range.label, keys: 't', run: () => setIsOpen(true) }])
  const choose = (range: TimeRange) => {
    setIsOpen(false)
    onChange(range)
  }
  return (
    <Popover
      open={isOpen}
      onOpenChange={setIsOpen}
      label={messages.range.label}
      className="w-64 p-1"
      trigger={
        <button
          type="button"
          aria-label={`${messages.range.label}: ${rangeText(value, zone)}`}
          className="inline-flex h-7 items-center gap-1.5 rounded-md border border-border-strong bg-raised px-2 font-medium hover:bg-hover"
        >
          <CalendarClock size={14} aria-hidden className="text-muted" />
          <span className="whitespace-nowrap">{rangeText(value, zone)}</span>
          <ChevronDown size={13} aria-hidden className="text-muted" />
        </button>
      }
    >
      <ul>
        {choices.map((choice) => {
          const isChosen = value.from === undefined && value.until === undefined && (value.last ?? 'all') === choice
          return (
            <li key={choice}>
              <button
                type="button"
                aria-current={isChosen || undefined}
                onClick={() => choose({ last: choice })}
                className={cx(
                  'flex h-7 w-full items-center rounded-md px-2 hover:bg-hover',
                  isChosen && 'bg-selected font-medium',
                )}
              >
                {rangeText({ last: choice }, zone)}
              </button>
            </li>
          )
        })}
      </ul>
      {!isSimple && <CustomRange value={value} onApply={choose} />}
    </Popover>
  )
}

function CustomRange({ value, onApply }: { readonly value: TimeRange; readonly onApply: (range: TimeRange) => void }) {
  const zone = useZone()
  const [from, setFrom] = useState(value.from === undefined ? '' : fieldText(value.from, zone))
  const [until, setUntil] = useState(value.until === undefined ? '' : fieldText(value.until, zone))
  const start = instantOf(from, zone)
  const end = instantOf(until, zone)
  const isBad = start !== undefined && end !== undefined && start >= end
  return (
    <form
      className="mt-1 flex flex-col gap-2 border-border border-t p-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isBad && (start !== undefined || end !== undefined)) onApply({ from: start, until: end })
      }}
    >
      <p className="text-muted text-xs">
        {messages.range.custom} ({zone === 'utc' ? messages.utc : localZoneName()})
      </p>
      <Field label={messages.range.from}>
        {(control) => (
          <TextInput
            {...control}
            type="datetime-local"
            step={1}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        )}
      </Field>
      <Field label={messages.range.until} error={isBad ? messages.range.bad : undefined}>
        {(control) => (
          <TextInput
            {...control}
            type="datetime-local"
            step={1}
            value={until}
            onChange={(event) => setUntil(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" look="primary" reason={isBad && messages.range.bad}>
        {messages.range.apply}
      </Button>
    </form>
  )
}

/** A range in words. */
export function rangeText(range: TimeRange, zone: 'utc' | 'local'): string {
  if (range.from !== undefined || range.until !== undefined) {
    const text = (instant: string | undefined) =>
      instant === undefined ? '…' : formatDate(Date.parse(instant), zone, Date.now())
    return `${text(range.from)} – ${text(range.until)}`
  }
  const found = /^(\d+)([mhd])$/.exec(range.last ?? '')
  if (found === null) return messages.range.allTime
  const count = Number(found[1])
  const unit = found[2]
  const { m, h, d } = messages.range
  return messages.range.last(unit === 'm' ? m(count) : unit === 'h' ? h(count) : d(count))
}
