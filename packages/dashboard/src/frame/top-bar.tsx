// The top bar: where one is, what mode the server is in, the way to everything (search), and whether what is shown is
// live. On small screens the words go and the icons stay.

import { Clock, LogOut, Menu as MenuIcon, Monitor, Moon, Search, Sun } from 'lucide-react'
import { Fragment } from 'react'
import { session, useInfo, useSignOut } from '../api/index.ts'
import { IconButton, Kbd, Menu, usePreference, zonePreference } from '../ui/index.ts'
import { LiveIndicator } from './live-indicator.tsx'
import { messages } from './messages.ts'
import { ModeBadge } from './mode-badge.tsx'
import { usePageHead } from './page.tsx'
import { useTheme } from './theme.ts'

export interface TopBarProps {
  readonly onOpenDrawer: () => void
  readonly onOpenPalette: () => void
}

export function TopBar({ onOpenDrawer, onOpenPalette }: TopBarProps) {
  return (
    <header className="flex min-h-12 shrink-0 items-center gap-x-2 border-border border-b bg-bg px-3 max-[600px]:flex-wrap max-[600px]:py-1.5 min-[900px]:px-4">
      <span className="contents min-[900px]:hidden">
        <IconButton label={messages.openNavigation} icon={MenuIcon} onClick={onOpenDrawer} />
      </span>
      <Heading />
      <span className="flex-1 max-[600px]:hidden" />
      <button
        type="button"
        onClick={onOpenPalette}
        aria-keyshortcuts="Control+K Meta+K"
        className="hidden h-7 w-56 items-center gap-2 rounded-md border border-border-strong bg-raised px-2 text-left text-muted hover:bg-hover min-[1100px]:flex"
      >
        <Search size={14} aria-hidden />
        <span className="flex-1">
          {messages.searchShort}
          <span className="sr-only"> {messages.searchRest}</span>
        </span>
        <span aria-hidden>
          <Kbd keys="mod+k" />
        </span>
      </button>
      <span className="contents min-[1100px]:hidden">
        <IconButton label={messages.search} icon={Search} keys="mod+k" onClick={onOpenPalette} />
      </span>
      <LiveIndicator />
      <ModeBadge />
      <ZoneSwitch />
      <ThemeMenu />
      <SignOut />
    </header>
  )
}

function Heading() {
  const { title, heading, trail, actions } = usePageHead()
  return (
    <>
      <div className="flex min-w-0 items-center gap-2 max-[600px]:flex-1">
        {trail !== undefined && trail.length > 0 && (
          <nav aria-label={messages.breadcrumb} className="hidden min-w-0 items-center gap-2 text-muted sm:flex">
            {trail.map((each, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a trail is known by its levels.
              <Fragment key={index}>
                <span className="quiet-link truncate">{each}</span>
                <span aria-hidden>/</span>
              </Fragment>
            ))}
          </nav>
        )}
        <h1 tabIndex={-1} className="truncate font-semibold text-base">
          {heading ?? title}
        </h1>
      </div>
      {/* On a narrow screen they have a line of their own, so that the title keeps its room. */}
      {actions && (
        <div className="ml-2 flex shrink-0 items-center gap-1 max-[600px]:order-last max-[600px]:ml-0 max-[600px]:w-full">
          {actions}
        </div>
      )}
    </>
  )
}

function ZoneSwitch() {
  const [zone, setZone] = usePreference(zonePreference)
  const isUtc = zone === 'utc'
  return (
    <IconButton
      label={isUtc ? messages.zone.toLocal : messages.zone.toUtc}
      icon={isUtc ? Utc : Clock}
      onClick={() => setZone(isUtc ? 'local' : 'utc')}
    />
  )
}

/** In the place of an icon: the three letters say more than any picture. */
const Utc = (() => <span className="font-semibold text-2xs">{messages.zone.utc}</span>) as unknown as typeof Clock

function ThemeMenu() {
  const [theme, setTheme] = useTheme()
  const icon = theme === 'system' ? Monitor : theme === 'dark' ? Moon : Sun
  return (
    <Menu
      trigger={<IconButton label={messages.theme.label} icon={icon} />}
      items={(['system', 'light', 'dark'] as const).map((each) => ({
        label: messages.theme[each],
        isChecked: theme === each,
        onSelect: () => setTheme(each),
      }))}
    />
  )
}

function SignOut() {
  const { data } = useInfo()
  const signOut = useSignOut()
  const canSignOut = session.wasAsked() || (data?.signingKeys ?? 0) > 0
  if (!canSignOut) return null
  return (
    <IconButton label={messages.signOut} icon={LogOut} isBusy={signOut.isPending} onClick={() => signOut.mutate()} />
  )
}
