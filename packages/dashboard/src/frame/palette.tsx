// The palette: go anywhere, open a run or an event by id, find a function by name, run any action of the page. It is
// loaded when it is first opened and asks the server only for the functions.

import { useNavigate } from '@tanstack/react-router'
import { Command as Cmdk } from 'cmdk'
import { Activity, CornerDownLeft, FunctionSquare, type LucideIcon, Search, Zap } from 'lucide-react'
import { useState } from 'react'
import { useFunctions } from '../api/index.ts'
import { type Command, Kbd, Modal } from '../ui/index.ts'
import { useOfferedCommands } from '../ui/use-keys.ts'
import { messages } from './messages.ts'
import { allPlaces } from './places.ts'

const t = messages.palette
/** A ULID: of runs and events. */
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/i

export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const words = text.trim()
  return (
    <Modal
      label={t.label}
      onClose={onClose}
      className="overlay-in mx-auto mt-[12vh] mb-auto w-160 max-w-[calc(100vw-2rem)] overflow-hidden rounded-lg bg-raised p-0 shadow-overlay forced:border"
    >
      <Cmdk label={t.label} loop filter={score} className="flex flex-col">
        <div className="flex items-center gap-2.5 border-border border-b px-4">
          <Search size={16} aria-hidden className="text-muted" />
          <Cmdk.Input
            autoFocus
            value={text}
            onValueChange={setText}
            placeholder={t.placeholder}
            className="h-12 w-full bg-transparent text-base outline-none"
          />
        </div>
        <Cmdk.List className="max-h-[min(26rem,60vh)] overflow-y-auto p-1.5">
          <Cmdk.Empty className="px-3 py-8 text-center text-muted">{t.none}</Cmdk.Empty>
          <Ids words={words} onClose={onClose} />
          <PageCommands onClose={onClose} />
          <Places onClose={onClose} />
          <Functions words={words} onClose={onClose} />
          <SearchRuns words={words} onClose={onClose} />
        </Cmdk.List>
      </Cmdk>
    </Modal>
  )
}

interface Part {
  readonly onClose: () => void
}

function Places({ onClose }: Part) {
  const navigate = useNavigate()
  return (
    <Group heading={t.goTo}>
      {allPlaces.map((place) => (
        <Item
          key={place.to}
          value={`${messages.goTo(place.label)}`}
          icon={place.icon}
          keys={place.key === undefined ? undefined : `g ${place.key}`}
          onSelect={() => {
            onClose()
            void navigate({ to: place.to })
          }}
        >
          {place.label}
        </Item>
      ))}
    </Group>
  )
}

function PageCommands({ onClose }: Part) {
  const commands = useOfferedCommands()
  const places = new Set(allPlaces.map((place) => messages.goTo(place.label)))
  const offered = commands.filter((command) => !places.has(command.label))
  const groups = new Map<string, Command[]>()
  for (const command of offered) {
    const group = command.group ?? t.thisPage
    groups.set(group, [...(groups.get(group) ?? []), command])
  }
  return [...groups].map(([group, list]) => (
    <Group key={group} heading={group}>
      {list.map((command) => (
        <Item
          key={command.label}
          value={`${group} ${command.label}`}
          keys={command.keys}
          isOff={Boolean(command.reason)}
          onSelect={() => {
            onClose()
            // The palette is closed first, so that what the command opens gets the focus.
            setTimeout(command.run)
          }}
        >
          {command.label}
          {command.reason && <span className="ml-2 text-muted text-xs">{command.reason}</span>}
        </Item>
      ))}
    </Group>
  ))
}

function Ids({ words, onClose }: Part & { readonly words: string }) {
  const navigate = useNavigate()
  if (!ULID.test(words)) return null
  const id = words.toUpperCase()
  return (
    <Group heading={t.ids} isKept>
      <Item
        isKept
        value={`run ${id}`}
        icon={Activity}
        onSelect={() => {
          onClose()
          void navigate({ to: '/runs/$runId', params: { runId: id } })
        }}
      >
        {t.openRun(id)}
      </Item>
      <Item
        isKept
        value={`event ${id}`}
        icon={Zap}
        onSelect={() => {
          onClose()
          void navigate({ to: '/events/$eventId', params: { eventId: id } })
        }}
      >
        {t.openEvent(id)}
      </Item>
    </Group>
  )
}

/** The last resort, below everything that was found by name. */
function SearchRuns({ words, onClose }: Part & { readonly words: string }) {
  const navigate = useNavigate()
  if (words.length < 2 || ULID.test(words)) return null
  return (
    <Group heading={t.errors}>
      <Item
        value={`${SEARCH} ${words}`}
        icon={Search}
        onSelect={() => {
          onClose()
          void navigate({ to: '/runs', search: { query: words } })
        }}
      >
        {t.searchRuns(words)}
      </Item>
    </Group>
  )
}

const SEARCH = 'search-runs'

/** Every word must be there; what begins with them comes first, the search of errors last. */
function score(value: string, text: string): number {
  if (value.startsWith(SEARCH)) return 0.001
  const lower = value.toLowerCase()
  const places = text
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => lower.indexOf(word))
  if (places.includes(-1)) return 0
  return 1 / (1 + Math.min(...places, 1000) / 10)
}

/** More are not listed; typing narrows them. */
const FUNCTIONS_MAX = 12

function Functions({ words, onClose }: Part & { readonly words: string }) {
  const navigate = useNavigate()
  const { rows } = useFunctions()
  // "pause order" offers to pause what "order" finds, so that this takes no way over the function's page.
  const [, verb, rest = words] = /^(pause|run)\s+(.+)$/i.exec(words) ?? []
  const action = verb?.toLowerCase() === 'pause' ? 'pause' : verb === undefined ? undefined : 'run'
  const lower = rest.toLowerCase()
  const found = rows
    .filter((fn) => `${fn.name} ${fn.app.id}-${fn.id}`.toLowerCase().includes(lower))
    .slice(0, FUNCTIONS_MAX)
  if (found.length === 0) return null
  return (
    <Group heading={t.functions}>
      {found.map((fn) => (
        <Item
          key={fn.internalId}
          value={`${action ?? ''} function ${fn.name} ${fn.app.id}-${fn.id}`}
          icon={FunctionSquare}
          onSelect={() => {
            onClose()
            void navigate({
              to: '/functions/$appId/$functionId',
              params: { appId: fn.app.id, functionId: fn.id },
              search: action === undefined ? {} : { do: action },
            })
          }}
        >
          {action === undefined ? fn.name : t[action](fn.name)}
          <span className="mono ml-2 text-muted text-xs">{fn.app.id}</span>
        </Item>
      ))}
    </Group>
  )
}

interface GroupProps {
  readonly heading: string
  readonly isKept?: boolean
  readonly children: React.ReactNode
}

function Group({ heading, isKept, children }: GroupProps) {
  return (
    <Cmdk.Group
      heading={heading}
      {...(isKept ? { forceMount: true } : {})}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Cmdk.Group>
  )
}

interface ItemProps {
  readonly value: string
  readonly onSelect: () => void
  readonly icon?: LucideIcon
  readonly keys?: string | undefined
  readonly isOff?: boolean
  /** Shown whatever is typed. */
  readonly isKept?: boolean
  readonly children: React.ReactNode
}

function Item({ value, onSelect, icon: Icon = CornerDownLeft, keys, isOff = false, isKept, children }: ItemProps) {
  return (
    <Cmdk.Item
      value={value}
      onSelect={onSelect}
      disabled={isOff}
      {...(isKept ? { forceMount: true } : {})}
      className="flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1 data-[disabled=true]:opacity-55 data-[selected=true]:bg-hover"
    >
      <Icon size={15} aria-hidden className="shrink-0 text-muted" />
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {keys !== undefined && <Kbd keys={keys} />}
    </Cmdk.Item>
  )
}
