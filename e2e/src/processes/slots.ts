/**
 * Counts, in the app, how many runs are inside a limited part at the same time: what a limit says of itself is not asked.
 * A call that was made again after a death counts with its run, not twice.
 */
export class Slots {
  readonly #inside = new Map<string, Map<string, number>>()
  readonly #peaks = new Map<string, number>()

  /** The most runs that were inside at once, by the limit's name. */
  get peaks(): ReadonlyMap<string, number> {
    return this.#peaks
  }

  async within<T>(name: string, runId: string, body: () => Promise<T>): Promise<T> {
    const runs = this.#inside.get(name) ?? new Map<string, number>()
    this.#inside.set(name, runs)
    runs.set(runId, (runs.get(runId) ?? 0) + 1)
    this.#peaks.set(name, Math.max(this.#peaks.get(name) ?? 0, runs.size))
    try {
      return await body()
    } finally {
      const left = (runs.get(runId) ?? 1) - 1
      if (left > 0) runs.set(runId, left)
      else runs.delete(runId)
    }
  }
}
