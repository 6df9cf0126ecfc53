// The search field for ids, words and expressions: names of fields are completed from what came lately, and an error of
// an expression is shown at its column. Enter searches, `/` brings the focus here, Escape empties it.

import { Search } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import { cx, TextInput, useCommands } from '../../ui/index.ts'
import { applyCompletion, completeQuery } from './complete-query.ts'
import { messages } from './messages.ts'

export interface QueryFault {
  readonly message: string
  /** 1-based. */
  readonly column?: number | undefined
}

/** A page has one search field. */
const FAULT_ID = 'query-fault'

export interface QueryFieldProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onSearch: (text: string) => void
  /** Names of fields, the likeliest first. */
  readonly paths: readonly string[]
  /** Shown by `QueryFaultView` below the bar. */
  readonly fault?: QueryFault | undefined
}

export function QueryField({ label, placeholder, value, onSearch, paths, fault }: QueryFieldProps) {
  const ref = useRef<HTMLInputElement>(null)
  const listId = useId()
  const [draft, setDraft] = useState({ of: value, text: value })
  const text = draft.of === value ? draft.text : value
  const [cursor, setCursor] = useState(0)
  const [isOpen, setIsOpen] = useState(false)
  const [active, setActive] = useState(-1)
  useCommands([{ label, keys: '/', isKeyOnly: true, run: () => ref.current?.focus() }])
  const found = isOpen ? completeQuery(text, cursor, paths) : undefined
  const options = found?.options ?? []
  const type = (next: string, at: number, isCompleting = true) => {
    setDraft({ of: value, text: next })
    setCursor(at)
    setIsOpen(isCompleting && next !== '')
    setActive(-1)
  }
  const choose = (option: string) => {
    if (found === undefined) return
    const next = applyCompletion(text, found, option)
    type(next.text, next.cursor, false)
    const input = ref.current
    input?.focus()
    requestAnimationFrame(() => input?.setSelectionRange(next.cursor, next.cursor))
  }
  const search = (next: string) => {
    setIsOpen(false)
    onSearch(next.trim())
  }
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      if (!isOpen) {
        setCursor(event.currentTarget.selectionStart ?? text.length)
        setIsOpen(true)
      } else setActive(Math.max(-1, Math.min(options.length - 1, active + step)))
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      const option = options[active]
      if (option !== undefined) {
        event.preventDefault()
        choose(option)
      } else if (event.key === 'Enter') search(text)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      if (options.length > 0) setIsOpen(false)
      else if (text === '') event.currentTarget.blur()
      else {
        type('', 0)
        search('')
      }
    }
  }
  return (
    <div className="relative flex min-w-64 flex-1 basis-80 flex-col">
      <Search size={14} aria-hidden className="pointer-events-none absolute top-1.75 left-2 z-10 text-muted" />
      <TextInput
        ref={ref}
        type="text"
        role="combobox"
        isMono={text !== ''}
        aria-label={label}
        aria-keyshortcuts="/"
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={options.length > 0 ? listId : undefined}
        aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={fault === undefined ? undefined : FAULT_ID}
        placeholder={placeholder}
        value={text}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => {
          type(event.target.value, event.target.selectionStart ?? event.target.value.length)
          if (event.target.value === '') search('')
        }}
        onBlur={() => setIsOpen(false)}
        onKeyDown={onKeyDown}
        className="w-full pl-7"
      />
      {options.length > 0 && (
        <div
          id={listId}
          role="listbox"
          aria-label={messages.search.hint}
          className="overlay-in absolute top-8 left-0 z-30 max-h-72 w-full min-w-56 overflow-auto rounded-lg bg-raised p-1 shadow-overlay forced:border"
        >
          {options.map((option, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys for the list.
            <div
              key={option}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(option)}
              className={cx(
                'mono flex min-h-6 cursor-pointer items-center rounded-md px-2',
                index === active ? 'bg-hover' : 'hover:bg-hover',
              )}
            >
              {option}
            </div>
          ))}
        </div>
      )}
    </div>
  )
}

export interface QueryFaultProps {
  readonly fault: QueryFault | undefined
  /** What was searched for. */
  readonly text: string
}

/** The expression with the sign at the fault's column marked. It stands below the bar, which keeps its height. */
export function QueryFaultView({ fault, text }: QueryFaultProps) {
  if (fault === undefined) return null
  const { column } = fault
  // The field is known: its name before the sentence says nothing.
  const message = fault.message.replace(/^query: /, '')
  const at = (column ?? 0) - 1
  return (
    <div id={FAULT_ID} role="alert" className="text-xs">
      {at >= 0 && at <= text.length && (
        <p aria-hidden className="mono truncate text-muted">
          {text.slice(Math.max(0, at - 60), at)}
          <mark className="bg-failed-bg font-bold text-failed-fg underline decoration-wavy underline-offset-4">
            {text.charAt(at) || '\u00a0'}
          </mark>
          {text.slice(at + 1)}
        </p>
      )}
      <p className="break-words text-failed-fg">
        {column === undefined ? message : messages.search.column(column, message)}
      </p>
    </div>
  )
}
