// Views that the browser remembers: a name, the filters as they stand in the address, and the columns. Opening one goes
// to its address, so that it can be shared like any other.

import { Bookmark, Trash2 } from 'lucide-react'
import { useState } from 'react'
import {
  Button,
  type ColumnChoice,
  Dialog,
  Field,
  IconButton,
  Popover,
  preference,
  TextInput,
  toast,
  usePreference,
} from '../../ui/index.ts'
import { parseSearch, stringifySearch } from '../../ui/url-state.ts'
import { messages } from './messages.ts'
import type { RunsSearch } from './run-filter.ts'
import { runsSearch } from './search.ts'

export interface SavedView {
  readonly name: string
  /** Query string without its question mark. */
  readonly search: string
  readonly columns: ColumnChoice
}

const t = messages.view
const viewsPreference = preference<readonly SavedView[]>('run-views', [], parseViews)

function parseViews(stored: unknown): readonly SavedView[] | undefined {
  return Array.isArray(stored) ? stored.filter(isView) : undefined
}

function isView(value: unknown): value is SavedView {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'search' in value &&
    typeof value.search === 'string' &&
    'columns' in value &&
    typeof value.columns === 'object' &&
    value.columns !== null
  )
}

/** The address of a view: everything but the open panel. */
export function viewSearch({ run: _run, ...search }: RunsSearch): string {
  return stringifySearch(search).slice(1)
}

/** Filters of a stored address; what no longer parses is left out. */
export function readViewSearch(text: string): RunsSearch {
  return runsSearch(parseSearch(text))
}

export interface SavedViewsProps {
  readonly search: RunsSearch
  readonly columns: ColumnChoice
  readonly onOpen: (view: SavedView) => void
}

export function SavedViews({ search, columns, onOpen }: SavedViewsProps) {
  const [views, setViews] = usePreference(viewsPreference)
  const [isOpen, setIsOpen] = useState(false)
  const [isSaving, setIsSaving] = useState(false)
  const current = viewSearch(search)
  const shown = views.find((view) => view.search === current)
  return (
    <>
      <Popover
        label={t.heading}
        open={isOpen}
        onOpenChange={setIsOpen}
        className="w-72 p-1"
        trigger={
          <Button icon={Bookmark} look="quiet">
            <span className="max-w-40 truncate max-[600px]:sr-only">{shown?.name ?? t.button}</span>
          </Button>
        }
      >
        {views.length === 0 && <p className="px-2 py-1.5 text-muted">{t.none}</p>}
        <ul>
          {views.map((view) => (
            <li key={view.name} className="flex items-center gap-1">
              <button
                type="button"
                aria-current={view === shown || undefined}
                onClick={() => {
                  setIsOpen(false)
                  onOpen(view)
                }}
                className="flex h-7 min-w-0 flex-1 items-center rounded-md px-2 text-left hover:bg-hover aria-[current]:bg-selected aria-[current]:font-medium"
              >
                <bdi className="truncate">{view.name}</bdi>
              </button>
              <IconButton
                size="sm"
                label={t.remove(view.name)}
                icon={Trash2}
                onClick={() => {
                  setViews(views.filter((each) => each !== view))
                  toast.success(t.removed(view.name))
                }}
              />
            </li>
          ))}
        </ul>
        <div className="mt-1 border-border border-t pt-1">
          <button
            type="button"
            onClick={() => {
              setIsOpen(false)
              setIsSaving(true)
            }}
            className="flex h-7 w-full items-center rounded-md px-2 hover:bg-hover"
          >
            {t.save}
          </button>
        </div>
      </Popover>
      {isSaving && (
        <SaveDialog
          names={views.map((view) => view.name)}
          onClose={() => setIsSaving(false)}
          onSave={(name) => {
            const view = { name, search: current, columns }
            setViews([...views.filter((each) => each.name !== name), view].sort((a, b) => a.name.localeCompare(b.name)))
            setIsSaving(false)
            toast.success(t.saved(name))
          }}
        />
      )}
    </>
  )
}

interface SaveProps {
  readonly names: readonly string[]
  readonly onSave: (name: string) => void
  readonly onClose: () => void
}

function SaveDialog({ names, onSave, onClose }: SaveProps) {
  const [text, setText] = useState('')
  const name = text.trim()
  return (
    <Dialog
      title={t.title}
      description={t.text}
      size="sm"
      onClose={onClose}
      onSubmit={() => name !== '' && onSave(name)}
      footer={
        <Button type="submit" look="primary" keys="mod+enter" reason={name === '' && t.name}>
          {names.includes(name) ? t.update(name) : t.action}
        </Button>
      }
    >
      <Field label={t.name}>
        {(control) => (
          <TextInput
            {...control}
            autoFocus
            maxLength={60}
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  )
}
