// The bar above the list of events, with the chips of what is in force.

import { useMemo } from 'react'
import { useEventNames } from '../../api/index.ts'
import { Checkbox, FilterBar, FilterChips, MultiSelect, RangePicker } from '../../ui/index.ts'
import { eventPaths } from '../runs/complete-query.ts'
import { type QueryFault, QueryFaultView, QueryField } from '../runs/query-field.tsx'
import { type EventsSearch, filterParts, rangeOf, without } from './event-filter.ts'
import { messages } from './messages.ts'

const t = messages.filter

export interface EventFiltersProps {
  readonly search: EventsSearch
  readonly change: (patch: EventChanges) => void
  readonly replace: (search: EventsSearch) => void
  readonly onSearch: (text: string) => void
  readonly fault: QueryFault | undefined
  readonly note: React.ReactNode
}

export type EventChanges = { readonly [Name in keyof EventsSearch]?: EventsSearch[Name] | undefined }

export function EventFilters({ search, change, replace, onSearch, fault, note }: EventFiltersProps) {
  const names = useEventNames()
  const paths = useMemo(() => {
    const all = names.data ?? []
    return eventPaths(search.name === undefined ? all : all.filter(({ name }) => search.name?.includes(name)))
  }, [names.data, search.name])
  const parts = filterParts(search)
  return (
    <div className="flex flex-col gap-2 border-border border-b px-3 py-2">
      <FilterBar label={messages.filters}>
        <RangePicker
          value={rangeOf(search)}
          onChange={({ last, from, until }) => change({ last: last === '24h' ? undefined : last, from, until })}
        />
        <MultiSelect
          label={t.name}
          options={(names.data ?? []).map(({ name }) => ({ value: name, label: name }))}
          value={search.name ?? []}
          isPending={names.isPending}
          onChange={(name) => change({ name: name.length === 0 ? undefined : name })}
        />
        <Checkbox
          label={t.startedNothing}
          checked={search.startedNothing === true}
          onChange={(event) => change({ startedNothing: event.target.checked || undefined })}
          className="px-1"
        />
        <Checkbox
          label={t.includeInternal}
          checked={search.includeInternal === true}
          onChange={(event) => change({ includeInternal: event.target.checked || undefined })}
          className="px-1"
        />
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
        chips={parts.map(({ id, name, text }) => ({ name, text, onRemove: () => replace(without(search, [id])) }))}
        onClearAll={() =>
          replace(
            without(
              search,
              parts.map(({ id }) => id),
            ),
          )
        }
      />
    </div>
  )
}
