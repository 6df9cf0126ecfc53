// A hint on hover and focus. It only ever repeats or adds to what is already named; nothing needs it to be understood.

import { Tooltip as Radix } from 'radix-ui'
import { Kbd } from './kbd.tsx'
import { usePortalHost } from './portal.tsx'

/** Once at the root of the page: tooltips share their delay. */
export function TooltipProvider({ children }: { readonly children: React.ReactNode }) {
  return (
    <Radix.Provider delayDuration={350} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  )
}

export interface TooltipProps {
  readonly content: React.ReactNode
  /** A shortcut that does the same. */
  readonly keys?: string | undefined
  readonly side?: 'top' | 'right' | 'bottom' | 'left'
  /** One element that can take a ref and focus. */
  readonly children: React.ReactNode
}

/** Shows `content` beside its one child. */
export function Tooltip({ content, keys, side = 'top', children }: TooltipProps) {
  const host = usePortalHost()
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={host}>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="overlay-in z-50 flex max-w-80 items-center gap-2 rounded-md bg-raised px-2.5 py-1.5 text-xs text-text shadow-overlay forced:border"
        >
          <span className="min-w-0 break-words">{content}</span>
          {keys !== undefined && <Kbd keys={keys} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
