// Whether the server asks for signing in. The client sets it on a 401; the frame shows the form over the page, which
// stays as it is behind it, and asks again for what failed once somebody has signed in.

let isAsked = false
let askedCount = 0
const listeners = new Set<() => void>()

export const session = {
  /** A request was refused for want of a session. */
  ask() {
    if (isAsked) return
    isAsked = true
    askedCount++
    notify()
  },
  /** Somebody has signed in, or the form was closed. */
  done() {
    if (!isAsked) return
    isAsked = false
    notify()
  },
  isAsked: () => isAsked,
  /** True once signing in was ever needed in this page: then there is something to sign out of. */
  wasAsked: () => askedCount > 0,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
} as const

function notify() {
  for (const listener of listeners) listener()
}
