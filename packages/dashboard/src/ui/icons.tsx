// The icons of the statuses, drawn here because their shape carries meaning: each must be told from the others without
// colour and at 14 px. Everything else comes from the icon set, imported by name where it is used.

import type { StatusKind } from './status-kinds.ts'

const shapes: Record<StatusKind, React.ReactNode> = {
  queued: (
    <g fill="currentColor">
      <circle cx="3" cy="8" r="1.6" />
      <circle cx="8" cy="8" r="1.6" />
      <circle cx="13" cy="8" r="1.6" />
    </g>
  ),
  waiting: (
    <path
      d="M4 2.2h8M4 13.800h8M4.800 2.500v2.300c0 1.500 3.200 2.300 3.200 3.200s-3.200 1.700-3.200 3.200v2.300M11.200 2.500v2.300c0 1.500-3.200 2.300-3.200 3.200s3.200 1.700 3.200 3.200v2.300"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
    />
  ),
  running: (
    <g fill="none" stroke="currentColor" strokeWidth="2">
      <circle cx="8" cy="8" r="5.500" opacity="0.28" />
      <path d="M8 2.500a5.500 5.500 0 0 1 5.500 5.500" strokeLinecap="round" className="spin origin-center" />
    </g>
  ),
  completed: (
    <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      <circle cx="8" cy="8" r="6.200" />
      <path d="m5.300 8.200 1.900 1.900 3.500-4" />
    </g>
  ),
  failed: (
    <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      <circle cx="8" cy="8" r="6.200" fill="currentColor" />
      <path d="m5.800 5.800 4.400 4.400M10.200 5.800l-4.400 4.400" stroke="var(--bg-raised)" strokeWidth="1.600" />
    </g>
  ),
  cancelled: (
    <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      <circle cx="8" cy="8" r="6.200" />
      <path d="m3.900 12.100 8.200-8.200" />
    </g>
  ),
  skipped: (
    <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      <path d="M4 4.200v7.600L9.800 8zM12.200 4.200v7.600" />
    </g>
  ),
  paused: (
    <g fill="currentColor">
      <rect x="3.800" y="3" width="2.800" height="10" rx="0.800" />
      <rect x="9.400" y="3" width="2.800" height="10" rx="0.800" />
    </g>
  ),
}

/** The icon of a status; without a name of its own, since the word stands beside it or in a label. */
export function StatusIcon({ kind, size = 14 }: { readonly kind: StatusKind; readonly size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" className="shrink-0">
      {shapes[kind]}
    </svg>
  )
}
