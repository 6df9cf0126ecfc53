// The "Send event" window belongs to no page: any screen may open it with a name and a payload to begin with. This is
// the switch; the window itself is loaded when it is first opened.

import { useSyncExternalStore } from 'react'

export interface SendDraft {
  readonly name?: string | undefined
  /** JSON text of `data`. */
  readonly dataText?: string | undefined
}

let draft: SendDraft | undefined
const listeners = new Set<() => void>()

function change(next: SendDraft | undefined) {
  draft = next
  for (const listener of listeners) listener()
}

/** Opens the window. */
export function openSend(begin: SendDraft = {}) {
  change(begin)
}

export function closeSend() {
  change(undefined)
}

/** What the window was opened with; undefined while it is closed. */
export function useSend(): SendDraft | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => draft,
  )
}
