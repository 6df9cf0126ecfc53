// Waits for the wish to end: Ctrl-C, a process manager's TERM, a closed terminal. Another wish later ends at once.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** npm and a terminal both pass one Ctrl-C on; what comes so soon after the first is the same wish. */
const SAME_WISH_MS = 1_000

/** Resolves with the first signal; a later one ends the process with the usual code of that signal. */
export function nextSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let askedAt: number | undefined
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      askedAt ??= performance.now()
      if (performance.now() - askedAt > SAME_WISH_MS) process.exit(signal === 'SIGINT' ? 130 : 143)
      resolve(signal)
    })
  }
  return promise
}
