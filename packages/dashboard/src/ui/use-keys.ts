// Shortcuts as a component uses them. Whatever is bound here is also in the list of keys (`?`) and, with `isCommand`,
// among the page's actions in the palette, so that nothing can be done by key alone.

import { useEffect, useRef, useSyncExternalStore } from 'react'
import { type Binding, createKeys, type KeyPress } from './keys.ts'
import { preference, usePreference, yesNo } from './preference.ts'

/** Whether single-letter shortcuts are on. */
export const lettersPreference = preference('letter-keys', true, yesNo)

/** The registry of this page. */
export const keys = createKeys(lettersPreference.get)

export interface Command {
  /** Verb first: "Cancel run". */
  readonly label: string
  readonly run: () => void
  /** Shortcut, such as `r`, `shift+r`, `g o`; absent: in the palette only. */
  readonly keys?: string
  /** Heading in the list of keys; "This page" when absent. */
  readonly group?: string
  /** False: not in force now; neither key nor palette entry. */
  readonly isOn?: boolean
  /** Why it may not be run now; shown in the palette, and the key does nothing. */
  readonly reason?: string | undefined | false
  /** Not in the palette, such as "next row". */
  readonly isKeyOnly?: boolean
}

let commands: readonly (readonly Command[])[] = []
const listeners = new Set<() => void>()

/**
 * Puts the commands of a view in force while it is mounted. A new array at each render is fine. With `isBase` they are the
 * frame's: a view's own key wins, whichever of the two was mounted first.
 */
export function useCommands(list: readonly Command[], { isBase = false }: { readonly isBase?: boolean } = {}) {
  const latest = useRef(list)
  latest.current = list
  const shape = list.map((each) => [each.label, each.keys, each.isOn !== false, each.reason].join()).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` says when the commands differ; what they run is read when it runs.
  useEffect(() => {
    const mine = latest.current.filter((each) => each.isOn !== false)
    const run = (command: Command) => () => {
      const now = latest.current.find((each) => each.label === command.label) ?? command
      if (!now.reason) now.run()
    }
    const bound = mine.map((each) => ({ ...each, run: run(each) }))
    const unbind = keys.bind(
      bound.flatMap((each): Binding[] =>
        each.keys === undefined
          ? []
          : [{ keys: each.keys, label: each.label, group: each.group ?? THIS_PAGE, run: each.run }],
      ),
      { isBase },
    )
    const offered = bound.filter((each) => !each.isKeyOnly)
    commands = [...commands, offered]
    notify()
    return () => {
      unbind()
      commands = commands.filter((each) => each !== offered)
      notify()
    }
  }, [shape, isBase])
}

const THIS_PAGE = 'This page'

function notify() {
  for (const listener of listeners) listener()
}

/** Commands in force, the newest view's first. */
export function useOfferedCommands(): readonly Command[] {
  const all = useSyncExternalStore(subscribe, () => commands)
  return all.toReversed().flat()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Listens on the page; once, at the root. */
export function useKeyListener() {
  const [areOn] = usePreference(lettersPreference)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const press: KeyPress = event
      // A dialog is its own world: of the page's keys only the palette's works in it.
      if (document.querySelector('dialog[open]') !== null && !isPaletteKey(event)) return
      keys.handle(press, event.timeStamp)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  return areOn
}

function isPaletteKey(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k'
}
