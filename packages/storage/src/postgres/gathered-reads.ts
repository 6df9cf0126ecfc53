// Reads by key that are asked for one by one, brought together: while one is under way the next gather, as writes do. What
// was asked is read after it was asked, so that it shows all that had committed by then.
import type { Key } from '../contract/rows.ts'

/** Keys of one read: what is read of a run may be large. */
const KEYS_MAX = 64

interface Asked<Row> {
  readonly keys: readonly Key[]
  resolve(rows: readonly Row[]): void
  reject(error: unknown): void
}

export interface GatheredRead<Row> {
  /** Reads the rows of keys, each named once. */
  readonly read: (keys: readonly Key[]) => Promise<readonly Row[]>
  readonly keyOf: (row: Row) => Key
}

/** @returns the rows of each caller's keys in their order, without those that are not there. */
export function gathered<Row>({ read, keyOf }: GatheredRead<Row>): (keys: readonly Key[]) => Promise<readonly Row[]> {
  let waiting: Asked<Row>[] = []
  let isBusy = false

  const take = (): Asked<Row>[] => {
    const taken: Asked<Row>[] = []
    for (let count = 0; waiting.length > taken.length && count < KEYS_MAX; ) {
      const asked = waiting[taken.length] as Asked<Row>
      taken.push(asked)
      count += asked.keys.length
    }
    waiting = waiting.slice(taken.length)
    return taken
  }

  const run = async (): Promise<void> => {
    const taken = take()
    try {
      const rows = await read([...new Set(taken.flatMap(({ keys }) => keys))])
      const byKey = new Map(rows.map((row) => [keyOf(row), row]))
      for (const { keys, resolve } of taken) resolve(keys.flatMap((key) => byKey.get(key) ?? []))
    } catch (error) {
      for (const { reject } of taken) reject(error)
    }
    if (waiting.length > 0) void run()
    else isBusy = false
  }

  return (keys) =>
    new Promise((resolve, reject) => {
      waiting.push({ keys, resolve, reject })
      if (isBusy) return
      isBusy = true
      setImmediate(() => void run())
    })
}
