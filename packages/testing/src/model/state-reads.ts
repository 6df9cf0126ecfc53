// Reads of the engine, by key and in batches. Each sees what has committed by then.
import type { StateReads, WaitRow } from '@pawl/storage'
import type { ModelServer } from './model-server.ts'
import { byKey, type Tables } from './tables.ts'

export interface Reads {
  readonly read: <T>(work: () => T) => Promise<T>
  readonly clock: StateReads['clock']
}

export function modelState({ tables }: ModelServer, { read, clock }: Reads): StateReads {
  return {
    registry: () =>
      read(() => ({
        version: tables.registryVersion,
        apps: tables.apps.values().sort(byKey),
        functions: tables.functions.values().sort(byKey),
        waitPaths: tables.waitPaths.values().sort((a, b) => order(a.name, b.name) || order(a.path, b.path)),
      })),
    registryVersion: () => read(() => tables.registryVersion),
    leasedBy: (owner) =>
      read(() => tables.items.filter((item) => item.state === 'leased' && item.owner === owner).sort(byKey)),
    load: (runs) => read(() => runs.flatMap((run) => tables.loadRun(run) ?? [])),
    items: (keys) => read(() => keys.flatMap((key) => tables.items.get(key) ?? [])),
    events: (keys) =>
      read(() =>
        keys.flatMap((key) => {
          const event = tables.events.get(key)
          return event === undefined ? [] : [tables.storedEvent(event)]
        }),
      ),
    eventByUlid: (id) => read(() => tables.eventByUlid(id)?.row),
    runByUlid: (id) => read(() => tables.runByUlid(id)),
    linesOf: (fn, after, max) =>
      read(() => {
        const blocked = tables.items.filter((item) => item.fn === fn && item.state === 'blocked')
        const lines = new Set(blocked.flatMap(({ line }) => (line !== null && line > after ? [line] : [])))
        return [...lines].sort().slice(0, max)
      }),
    bulk: (key) => read(() => tables.bulks.get(key)),
    jobByUlid: (id) => read(() => tables.records.jobByUlid(id)),
    jobRunByUlid: (id) => read(() => tables.records.jobRunByUlid(id)),
    sessionByUlid: (id) => read(() => tables.records.sessionByUlid(id)),
    requestByUlid: (id) => read(() => tables.records.requestByUlid(id)),
    secrets: (names) => read(() => names.flatMap((name) => tables.records.secrets.get(name) ?? [])),
    signal: (name) => read(() => openWaitNamed(tables, name)),
    nextDue: () =>
      read(() => {
        const sleeping = tables.items.filter((item) => item.state === 'sleeping').map(({ due }) => due)
        const ready = tables.items.find((item) => item.state === 'ready') !== undefined
        return { due: sleeping.length === 0 ? null : Math.min(...sleeping), ready }
      }),
    clock,
  }
}

function order(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** A signal by its name; an invoke by its run's ULID and its step, which are its name. */
function openWaitNamed(tables: Tables, name: string): WaitRow | undefined {
  return tables.signal(name) ?? tables.waits.find((wait) => wait.kind === 'invoke' && wait.name === name)
}
