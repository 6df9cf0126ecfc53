// Runs something soon, but no more often than every so many milliseconds: at once when it has been quiet, else when the
// time is up, and once for all asks in between. Asks that come while it still runs lead to one more run after it.

export interface Soon {
  ask(name: string, everyMs: number, run: () => unknown): void
  stop(): void
}

/** Makes a queue of named tasks over the given timer and clock. */
export function soon(setTimer: (run: () => void, ms: number) => unknown, now: () => number): Soon {
  const tasks = new Map<string, { doneAt: number; isWaiting: boolean; isRunning: boolean; isAgain: boolean }>()
  let isStopped = false
  const ask: Soon['ask'] = (name, everyMs, run) => {
    const task = tasks.get(name) ?? {
      doneAt: Number.NEGATIVE_INFINITY,
      isWaiting: false,
      isRunning: false,
      isAgain: false,
    }
    tasks.set(name, task)
    if (task.isRunning) task.isAgain = true
    if (task.isWaiting || task.isRunning || isStopped) return
    task.isWaiting = true
    setTimer(
      () => {
        task.isWaiting = false
        if (isStopped) return
        task.isRunning = true
        void Promise.resolve(run()).finally(() => {
          task.isRunning = false
          task.doneAt = now()
          if (!task.isAgain) return
          task.isAgain = false
          ask(name, everyMs, run)
        })
      },
      Math.max(0, task.doneAt + everyMs - now()),
    )
  }
  return {
    ask,
    stop: () => {
      isStopped = true
    },
  }
}
