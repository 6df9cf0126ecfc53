// The sidebar: 216 px with words, 48 px with icons, a drawer below 900 px. Its width is remembered; it is the page's
// navigation landmark in all three forms.

import { Link, useRouterState } from '@tanstack/react-router'
import { PanelLeft } from 'lucide-react'
import { usePendingCount } from '../api/index.ts'
import { cx, formatNumber, IconButton, Modal, preference, Tooltip, usePreference, yesNo } from '../ui/index.ts'
import { messages } from './messages.ts'
import { type Place, placeGroups } from './places.ts'

export const sidebarPreference = preference('sidebar-narrow', false, yesNo)

/** The fixed sidebar of wide screens. */
export function Sidebar() {
  const [isNarrow, setIsNarrow] = usePreference(sidebarPreference)
  return (
    <nav
      aria-label={messages.navigation}
      className={cx(
        'hidden shrink-0 flex-col border-border border-r bg-sunken min-[900px]:flex',
        isNarrow ? 'w-12' : 'w-54',
      )}
    >
      <div className={cx('flex h-12 shrink-0 items-center', isNarrow ? 'justify-center' : 'px-4')}>
        <Brand isNarrow={isNarrow} />
      </div>
      <Groups isNarrow={isNarrow} />
      <div className={cx('flex shrink-0 p-2', isNarrow ? 'justify-center' : 'justify-end')}>
        <IconButton
          label={isNarrow ? messages.expand : messages.collapse}
          icon={PanelLeft}
          keys="mod+b"
          side="right"
          aria-expanded={!isNarrow}
          onClick={() => setIsNarrow(!isNarrow)}
        />
      </div>
    </nav>
  )
}

/** The drawer of small screens. */
export function Drawer({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal
      label={messages.navigation}
      onClose={onClose}
      className="drawer-in m-0 h-dvh max-h-none w-64 max-w-[80vw] border-border border-r bg-sunken p-0"
    >
      <nav aria-label={messages.navigation} className="flex h-full flex-col">
        <div className="flex h-12 shrink-0 items-center px-4">
          <Brand isNarrow={false} />
        </div>
        <Groups isNarrow={false} onGo={onClose} />
      </nav>
    </Modal>
  )
}

function Brand({ isNarrow }: { readonly isNarrow: boolean }) {
  return (
    <Link to="/" aria-label={messages.product} className="flex items-center gap-2 rounded-md">
      <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <path d="M9 24V8l7 5 7-5v8l-7 5-2.500-1.800V24z" fill="var(--accent-fg)" />
      </svg>
      {!isNarrow && <span className="font-semibold text-base tracking-tight">{messages.product}</span>}
    </Link>
  )
}

function Groups({ isNarrow, onGo }: { readonly isNarrow: boolean; readonly onGo?: () => void }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-2 py-2">
      {placeGroups.map((group) => (
        <div key={group.label}>
          <p className={isNarrow ? 'sr-only' : 'px-2 pb-1 font-medium text-2xs text-muted'}>{group.label}</p>
          <ul className="flex flex-col gap-px">
            {group.places.map((place) => (
              <li key={place.to}>
                <Entry place={place} isNarrow={isNarrow} onGo={onGo} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  )
}

interface EntryProps {
  readonly place: Place
  readonly isNarrow: boolean
  readonly onGo?: (() => void) | undefined
}

function Entry({ place, isNarrow, onGo }: EntryProps) {
  const { to, label, icon: Icon, key, also } = place
  const isNear = useRouterState({
    select: ({ location }) => also !== undefined && location.pathname.startsWith(`${also}/`),
  })
  const link = (
    <Link
      to={to}
      onClick={onGo}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className={cx(
        'relative flex h-7 items-center gap-2.5 rounded-md text-muted hover:bg-nav/60 hover:text-text aria-[current=page]:bg-nav aria-[current=page]:font-medium aria-[current=page]:text-text',
        isNarrow ? 'w-8 justify-center' : 'px-2',
        isNear && 'bg-nav text-text',
      )}
    >
      <Icon size={15} aria-hidden className="shrink-0" />
      <span className={isNarrow ? 'sr-only' : undefined}>{label}</span>
      {place.hasPending && <Pending isNarrow={isNarrow} />}
    </Link>
  )
  if (!isNarrow) return link
  return (
    <Tooltip content={label} side="right" keys={key === undefined ? undefined : `g ${key}`}>
      {link}
    </Tooltip>
  )
}

/** How many questions wait for a person; nothing when none does, or when it is not known. */
function Pending({ isNarrow }: { readonly isNarrow: boolean }) {
  const { data } = usePendingCount()
  if (data === undefined || data.count === 0) return null
  const text = `${formatNumber(data.count)}${data.isCut ? '+' : ''}`
  return (
    <span
      className={cx(
        'rounded-full bg-accent font-medium text-2xs text-accent-fg tabular-nums',
        isNarrow ? 'absolute top-0 right-0 min-w-3.5 px-0.5 text-center leading-3.5' : 'ml-auto px-1.5 leading-4.5',
      )}
    >
      <span aria-hidden>{text}</span>
      <span className="sr-only">{messages.pending(text)}</span>
    </span>
  )
}
