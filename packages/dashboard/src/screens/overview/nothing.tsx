// One calm line in a panel that has no rows: here an empty list is an answer, not a place to learn.

import type { LucideIcon } from 'lucide-react'

export interface NothingProps {
  readonly icon: LucideIcon
  readonly children: React.ReactNode
}

export function Nothing({ icon: Icon, children }: NothingProps) {
  return (
    <p className="flex items-center gap-2 px-3 py-4 text-muted">
      <Icon size={15} aria-hidden className="shrink-0" />
      {children}
    </p>
  )
}
