// What every screen is wrapped in: it names the page (window title, heading in the top bar), gives the screen its room,
// and shows its actions. Screens import this, never the router or the shell.

import { useEffect, useSyncExternalStore } from 'react'
import { cx } from '../ui/index.ts'
import { messages } from './messages.ts'

export interface PageProps {
  /** Shown in the top bar and in the window's title. */
  readonly title: string
  /** In place of the title's text in the top bar. */
  readonly heading?: React.ReactNode
  /** Pages above this one, as links, the topmost first. */
  readonly trail?: readonly React.ReactNode[] | undefined
  /** Buttons at the right of the heading. */
  readonly actions?: React.ReactNode
  /** The screen fills the room and scrolls inside itself, as lists do. Else it is padded and scrolls as a whole. */
  readonly isFull?: boolean
  readonly children: React.ReactNode
}

type Head = Pick<PageProps, 'title' | 'heading' | 'trail' | 'actions'>

let head: Head = { title: '' }
const listeners = new Set<() => void>()

/** A screen. */
export function Page({ title, heading, trail, actions, isFull, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${messages.product}`
  }, [title])
  useEffect(() => {
    head = { title, heading, trail, actions }
    for (const listener of listeners) listener()
  }, [title, heading, trail, actions])
  return <div className={cx('flex min-w-0 flex-1 flex-col', isFull ? 'min-h-0' : 'gap-4 p-4')}>{children}</div>
}

/** Title, trail and actions of the screen that is shown. */
export function usePageHead(): Head {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => head,
  )
}
