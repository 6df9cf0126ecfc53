// Choosing several of many: a button that says what is chosen, and behind it a list that is searched by typing. The
// field keeps the focus while arrows move through the list, as the pattern for combo boxes has it.

import { Check, ChevronDown } from 'lucide-react'
import { useId, useMemo, useState } from 'react'
import { cx } from './class-names.ts'
import { messages } from './messages.ts'
import { Popover } from './popover.tsx'

export interface Option<T extends string = string> {
  readonly value: T
  readonly label: string
  /** Smaller, beside the label; searched too. */
  readonly detail?: string | undefined
  readonly icon?: React.ReactNode
}

export interface MultiSelectProps<T extends string> {
  readonly label: string
  readonly options: readonly Option<T>[]
  readonly value: readonly T[]
  readonly onChange: (value: readonly T[]) => void
  /** One choice at most: choosing another replaces it. */
  readonly isSingle?: boolean
  /** The options are still coming. */
  readonly isPending?: boolean
  /** Text of the search field, for options that the caller looks up. */
  readonly onSearch?: (text: string) => void
}

/** More are not drawn; typing narrows them. */
const SHOWN_MAX = 200

/** A filter with many choices. */
export function MultiSelect<T extends string>(props: MultiSelectProps<T>) {
  const { label, options, value, isSingle } = props
  const [isOpen, setIsOpen] = useState(false)
  const labels = value.map((each) => options.find((option) => option.value === each)?.label ?? each)
  return (
    <Popover
      open={isOpen}
      onOpenChange={setIsOpen}
      label={label}
      className="w-72 p-0"
      trigger={
        <button
          type="button"
          className={cx(
            'inline-flex h-7 max-w-64 items-center gap-1.5 rounded-md border px-2 text-sm hover:bg-hover',
            value.length > 0
              ? 'border-border-strong bg-raised'
              : 'border-border-strong border-dashed bg-transparent text-muted',
          )}
        >
          <span className={value.length > 0 ? 'text-muted' : ''}>{label}</span>
          {value.length > 0 && (
            <span className="min-w-0 truncate font-medium text-text">
              {labels.length <= 2 ? labels.join(', ') : messages.selectedCount(labels.length)}
            </span>
          )}
          <ChevronDown size={13} aria-hidden className="shrink-0 text-muted" />
        </button>
      }
    >
      <OptionList {...props} onChosen={() => isSingle && setIsOpen(false)} />
    </Popover>
  )
}

function OptionList<T extends string>(props: MultiSelectProps<T> & { readonly onChosen: () => void }) {
  const { label, options, value, onChange, isSingle, isPending, onSearch, onChosen } = props
  const listId = useId()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const shown = useMemo(() => filterOptions(options, text).slice(0, SHOWN_MAX), [options, text])
  const toggle = (option: Option<T> | undefined) => {
    if (option === undefined) return
    const isChosen = value.includes(option.value)
    if (isSingle) onChange(isChosen ? [] : [option.value])
    else onChange(isChosen ? value.filter((each) => each !== option.value) : [...value, option.value])
    onChosen()
  }
  const move = (to: number) => {
    const next = Math.max(0, Math.min(shown.length - 1, to))
    setActive(next)
    document.getElementById(`${listId}-${next}`)?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <div>
      <div className="border-border border-b p-1.5">
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={shown.length > 0 ? `${listId}-${active}` : undefined}
          aria-label={messages.searchOptions(label)}
          placeholder={messages.search}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setActive(0)
            onSearch?.(event.target.value)
          }}
          onKeyDown={(event) => {
            const steps: Record<string, number> = {
              ArrowDown: active + 1,
              ArrowUp: active - 1,
              Home: 0,
              End: shown.length,
            }
            const step = steps[event.key]
            if (step !== undefined) {
              event.preventDefault()
              move(step)
            } else if (event.key === 'Enter') {
              event.preventDefault()
              toggle(shown[active])
            }
          }}
          className="h-7 w-full rounded-md bg-transparent px-2"
        />
      </div>
      <div
        id={listId}
        role="listbox"
        aria-label={label}
        aria-multiselectable={!isSingle}
        className="max-h-72 overflow-auto p-1"
      >
        {shown.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys for the list.
          <div
            key={option.value}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={value.includes(option.value)}
            onClick={() => toggle(option)}
            onMouseMove={() => setActive(index)}
            className={cx(
              'flex min-h-7 cursor-pointer items-center gap-2 rounded-md px-2 py-1',
              index === active && 'bg-hover',
            )}
          >
            <span aria-hidden className="inline-flex w-3.5 shrink-0 text-accent-text">
              {value.includes(option.value) && <Check size={14} />}
            </span>
            {option.icon}
            <span className="min-w-0 flex-1 truncate">{option.label}</span>
            {option.detail && <span className="max-w-28 truncate text-muted text-xs">{option.detail}</span>}
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className="px-3 pb-3 text-muted">{isPending ? messages.loading : messages.noOptions}</p>
      )}
      {value.length > 0 && !isSingle && (
        <div className="border-border border-t p-1">
          <button
            type="button"
            onClick={() => onChange([])}
            className="h-7 w-full rounded-md text-muted hover:bg-hover"
          >
            {messages.clear}
          </button>
        </div>
      )}
    </div>
  )
}

/** Options whose label or detail has every word of the text. */
export function filterOptions<T extends string>(options: readonly Option<T>[], text: string): readonly Option<T>[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return options
  return options.filter((option) => {
    const all = `${option.label} ${option.detail ?? ''} ${option.value}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
}
