// A menu of actions at a button. An action that may not be used stays in the list, greyed, with its reason.

import type { LucideIcon } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import { cx } from './class-names.ts'
import { Kbd } from './kbd.tsx'
import { usePortalHost } from './portal.tsx'

export interface MenuAction {
  readonly label: string
  readonly onSelect: () => void
  readonly icon?: LucideIcon
  readonly keys?: string
  readonly isDanger?: boolean
  /** Why it may not be used now. */
  readonly reason?: string | undefined | false
  /** For a menu of choices: whether this one holds. */
  readonly isChecked?: boolean
  /** Keeps the menu open, for choices. */
  readonly staysOpen?: boolean
}

export type MenuItem = MenuAction | 'separator' | { readonly heading: string }

export interface MenuProps {
  /** One button. */
  readonly trigger: React.ReactNode
  readonly items: readonly MenuItem[]
  readonly align?: 'start' | 'end'
}

/** Opens a menu at `trigger`. */
export function Menu({ trigger, items, align = 'end' }: MenuProps) {
  const host = usePortalHost()
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={host}>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="overlay-in z-40 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 max-w-80 overflow-auto rounded-lg bg-raised p-1 shadow-overlay forced:border"
        >
          {items.map((item, index) => (
            <Item key={typeof item === 'string' || 'heading' in item ? index : item.label} item={item} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

const row =
  'flex min-h-7 cursor-default select-none items-center gap-2 rounded-md px-2 py-1 outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-60'

function Item({ item }: { readonly item: MenuItem }) {
  if (item === 'separator') return <Radix.Separator className="-mx-1 my-1 h-px bg-border" />
  if ('heading' in item) return <Radix.Label className="px-2 py-1 text-2xs text-muted">{item.heading}</Radix.Label>
  const { label, icon: Icon, keys, isDanger, reason, isChecked, staysOpen, onSelect } = item
  const shared = {
    disabled: Boolean(reason),
    onSelect: (event: Event) => {
      if (staysOpen) event.preventDefault()
      onSelect()
    },
    className: cx(row, isDanger && 'text-failed-fg'),
  }
  const content = (
    <>
      {Icon && <Icon size={14} aria-hidden className={isDanger ? '' : 'text-muted'} />}
      <span className="min-w-0 flex-1">
        {label}
        {reason && <span className="block text-muted text-xs">{reason}</span>}
      </span>
      {keys && <Kbd keys={keys} />}
    </>
  )
  if (isChecked === undefined) return <Radix.Item {...shared}>{content}</Radix.Item>
  return (
    <Radix.CheckboxItem checked={isChecked} {...shared}>
      <span aria-hidden className="w-3.5 text-accent-text">
        {isChecked ? '✓' : ''}
      </span>
      {content}
    </Radix.CheckboxItem>
  )
}
