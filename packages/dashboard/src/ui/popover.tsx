// A small panel at a button: filters, pickers. It is not modal: the page stays usable, Escape and a click elsewhere close
// it, the focus moves in and comes back.

import { Popover as Radix } from 'radix-ui'
import { usePortalHost } from './portal.tsx'

export interface PopoverProps {
  /** One element that can take a ref. */
  readonly trigger: React.ReactNode
  readonly label: string
  readonly children: React.ReactNode
  readonly open?: boolean
  readonly onOpenChange?: (open: boolean) => void
  readonly align?: 'start' | 'center' | 'end'
  readonly className?: string
}

/** Opens `children` at `trigger`. */
export function Popover({ trigger, label, children, open, onOpenChange, align = 'start', className }: PopoverProps) {
  const host = usePortalHost()
  const controlled = {
    ...(open === undefined ? {} : { open }),
    ...(onOpenChange === undefined ? {} : { onOpenChange }),
  }
  return (
    <Radix.Root {...controlled}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={host}>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          data-typing
          className={`overlay-in z-40 max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-1rem)] overflow-auto rounded-lg bg-raised shadow-overlay forced:border ${className ?? 'p-2'}`}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
