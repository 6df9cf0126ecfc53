// The few shapes that pages are made of: a panel with a heading, a list of facts, tabs. Flat: a border, no shadow.

import { Tabs as Radix } from 'radix-ui'
import { useId } from 'react'
import { cx } from './class-names.ts'
import { Num } from './values.tsx'

export interface PanelProps {
  readonly title: string
  readonly actions?: React.ReactNode
  /** A sentence below the title. */
  readonly hint?: React.ReactNode
  /** Content reaches the border, as tables do. */
  readonly isFlush?: boolean
  readonly className?: string
  readonly children: React.ReactNode
}

/** A bordered section with a heading. */
export function Panel({ title, actions, hint, isFlush, className, children }: PanelProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={cx('min-w-0 rounded-lg border border-border bg-raised', className)}>
      <header className="flex min-h-10 items-center gap-3 border-border border-b px-3 py-1.5">
        <div className="min-w-0 flex-1">
          <h2 id={id} className="truncate font-semibold text-sm">
            {title}
          </h2>
          {hint && <p className="text-muted text-xs">{hint}</p>}
        </div>
        {actions && <div className="flex shrink-0 items-center gap-1">{actions}</div>}
      </header>
      <div className={isFlush ? '' : 'p-3'}>{children}</div>
    </section>
  )
}

export interface Fact {
  readonly label: string
  readonly value: React.ReactNode
}

/** Names and values, side by side where there is room. */
export function Facts({
  facts,
  isInline,
}: {
  readonly facts: readonly (Fact | false | undefined)[]
  readonly isInline?: boolean
}) {
  const shown = facts.filter((fact): fact is Fact => Boolean(fact))
  return (
    <dl
      className={
        isInline
          ? 'flex flex-wrap gap-x-6 gap-y-2'
          : 'grid grid-cols-[minmax(7rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5 max-[400px]:grid-cols-1'
      }
    >
      {shown.map((fact) => (
        <div key={fact.label} className={isInline ? 'min-w-0' : 'contents'}>
          <dt className="text-muted text-xs leading-5">{fact.label}</dt>
          <dd className="min-w-0 break-words">{fact.value}</dd>
        </div>
      ))}
    </dl>
  )
}

export interface TabsProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly onChange: (value: T) => void
  readonly tabs: readonly {
    readonly id: T
    readonly label: string
    readonly count?: number | undefined
    readonly isAlarming?: boolean
  }[]
  /** Content of the chosen tab. */
  readonly children: React.ReactNode
  readonly className?: string
}

/** Tabs; the chosen one is the caller's to keep in the address. */
export function Tabs<T extends string>({ label, value, onChange, tabs, children, className }: TabsProps<T>) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => {
        const tab = tabs.find((each) => each.id === next)
        if (tab !== undefined) onChange(tab.id)
      }}
      className={cx('flex min-h-0 flex-col', className)}
    >
      <Radix.List aria-label={label} className="flex shrink-0 gap-1 overflow-x-auto border-border border-b px-2">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className="relative inline-flex h-9 shrink-0 items-center gap-1.5 px-2 font-medium text-muted outline-offset-[-2px] hover:text-text data-[state=active]:text-text data-[state=active]:after:absolute data-[state=active]:after:inset-x-1 data-[state=active]:after:bottom-0 data-[state=active]:after:h-0.5 data-[state=active]:after:rounded-full data-[state=active]:after:bg-accent"
          >
            {tab.label}
            {tab.isAlarming && <span aria-hidden className="size-1.5 rounded-full bg-failed-solid" />}
            {tab.count !== undefined && (
              <span className="rounded-full bg-hover px-1.5 text-2xs text-muted">
                <Num value={tab.count} />
              </span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content value={value} className="min-h-0 flex-1 outline-offset-[-2px]">
        {children}
      </Radix.Content>
    </Radix.Root>
  )
}
