// The frame around every screen: sidebar, top bar, banner, the screen itself, and what floats above them. It owns the
// keys that work everywhere; what they do is also in the palette or behind a button.

import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Announcer, buttonClass, copyText, Toasts, TooltipProvider, toast, useCommands } from '../ui/index.ts'
import { PortalHost } from '../ui/portal.tsx'
import { useKeyListener } from '../ui/use-keys.ts'
import { isByLink } from './by-link.ts'
import { KeysHelp } from './keys-help.tsx'
import { messages } from './messages.ts'
import { allPlaces } from './places.ts'
import { closeSend, openSend, useSend } from './send.ts'
import { Drawer, Sidebar, sidebarPreference } from './sidebar.tsx'
import { SignIn } from './sign-in.tsx'
import { SystemBanner } from './system-banner.tsx'
import { TopBar } from './top-bar.tsx'

const Palette = lazy(() => import('./palette.tsx'))
const SendDialog = lazy(() =>
  import('../screens/send/send-dialog.tsx').then((module) => ({ default: module.SendDialog })),
)

type Overlay = 'palette' | 'keys' | 'drawer' | undefined

export function Shell() {
  return isByLink() ? <BareShell /> : <FullShell />
}

/** Without anything that asks the server for more than the question: who came by its link is not signed in. */
function BareShell() {
  const [host, setHost] = useState<HTMLElement | null>(null)
  return (
    <TooltipProvider>
      <PortalHost value={host}>
        <main className="mx-auto flex min-h-dvh w-full max-w-200 flex-col">
          <Outlet />
          <div ref={setHost} className="contents" />
        </main>
        <Toasts />
        <Announcer />
      </PortalHost>
    </TooltipProvider>
  )
}

function FullShell() {
  const [overlay, setOverlay] = useState<Overlay>()
  const main = useRef<HTMLElement>(null)
  // Menus and tooltips are put into the main landmark: outside of all landmarks some readers would pass them by.
  const [host, setHost] = useState<HTMLElement | null>(null)
  const close = () => setOverlay(undefined)
  useKeyListener()
  useFocusOnNavigation(main)
  useGlobalCommands(overlay, setOverlay)
  return (
    <TooltipProvider>
      <PortalHost value={host}>
        {/* biome-ignore lint/a11y/useValidAnchor: a link to the content, which must also get the focus. */}
        <a
          href="#main"
          className={`skip-link ${buttonClass('primary')}`}
          onClick={(event) => skip(event, main.current)}
        >
          {messages.skip}
        </a>
        <div className="flex h-dvh min-w-0">
          <Sidebar />
          <div className="flex min-w-0 flex-1 flex-col">
            <TopBar onOpenDrawer={() => setOverlay('drawer')} onOpenPalette={() => setOverlay('palette')} />
            <SystemBanner />
            <main ref={main} id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col overflow-y-auto">
              <Outlet />
              <div ref={setHost} className="contents" />
            </main>
          </div>
        </div>
        <Suspense fallback={null}>
          {overlay === 'palette' && <Palette onClose={close} />}
          <Sending />
        </Suspense>
        {overlay === 'keys' && <KeysHelp onClose={close} />}
        {overlay === 'drawer' && <Drawer onClose={close} />}
        <SignIn />
        <Toasts />
        <Announcer />
      </PortalHost>
    </TooltipProvider>
  )
}

/** The address stays as it is: a fragment would be taken for a place in the page's own addresses. */
function skip(event: React.MouseEvent, main: HTMLElement | null) {
  event.preventDefault()
  main?.focus()
}

function Sending() {
  const draft = useSend()
  return draft === undefined ? null : <SendDialog draft={draft} onClose={closeSend} />
}

/** After going to another page the focus starts at its content; a change of filters leaves it where it is. */
function useFocusOnNavigation(main: React.RefObject<HTMLElement | null>) {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname ?? state.location.pathname })
  const before = useRef(path)
  useEffect(() => {
    if (before.current === path) return
    before.current = path
    main.current?.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [path, main])
}

function useGlobalCommands(overlay: Overlay, setOverlay: (overlay: Overlay) => void) {
  const navigate = useNavigate()
  const { keys, goTo } = messages
  const group = keys.global
  useCommands(
    [
      {
        label: keys.palette,
        keys: 'mod+k',
        group,
        isKeyOnly: true,
        run: () => setOverlay(overlay === 'palette' ? undefined : 'palette'),
      },
      { label: messages.search, keys: '/', group, isKeyOnly: true, run: () => setOverlay('palette') },
      { label: messages.showKeys, keys: '?', group, run: () => setOverlay('keys') },
      {
        label: keys.sidebar,
        keys: 'mod+b',
        group,
        run: () => sidebarPreference.set(!sidebarPreference.get()),
      },
      { label: messages.sendEvent, keys: 'e', group, run: () => openSend() },
      { label: messages.newJob, group, run: () => void navigate({ to: '/jobs/new' }) },
      {
        label: messages.copyLink,
        keys: 'y',
        group,
        run: () => void copyText(location.href).then((isDone) => isDone && toast.success(messages.linkCopied)),
      },
      ...allPlaces.flatMap((place) =>
        place.key === undefined
          ? []
          : [
              {
                label: goTo(place.label),
                keys: `g ${place.key}`,
                group: keys.goTo,
                isKeyOnly: true,
                run: () => void navigate({ to: place.to }),
              },
            ],
      ),
    ],
    { isBase: true },
  )
}
