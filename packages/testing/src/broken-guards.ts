// Databases with one guard broken by hand. Each of them is what the product would be without that guard; a simulator that
// does not find them out would find nothing.
import type { Change, Database, FactsData, Fence, Group, Key, Write, Written } from '@pawl/storage'

/** `above` the simulated faults, where a crash may come between; or `below` them, where the store itself is at fault. */
export interface BrokenGuard {
  readonly stands: 'above' | 'below'
  /** Puts the broken guard over a sound database. `wait` never ends when the process does before. */
  readonly wrap: (database: Database, wait: (ms: number) => Promise<void>) => Database
}

type Parts = Partial<Pick<Database, 'begin' | 'finish'>>

/** As the database, but for these parts. */
function with_(database: Database, parts: Parts): Database {
  return {
    name: database.name,
    process: database.process,
    shared: database.shared,
    now: database.now,
    state: database.state,
    lists: database.lists,
    reserveKeys: (count) => database.reserveKeys(count),
    begin: parts.begin ?? ((needs, fences, revs) => database.begin(needs, fences, revs)),
    finish: parts.finish ?? ((group) => database.finish(group)),
    rollback: () => database.rollback(),
    written: (group) => database.written(group),
    close: () => database.close(),
  }
}

/** The lease is not checked: whoever holds an old one writes all the same. */
export const dropFence: BrokenGuard = {
  stands: 'below',
  wrap: (database) =>
    with_(database, {
      async begin(needs, fences, revs): Promise<FactsData> {
        const facts = await database.begin(needs, fences, revs)
        return { ...facts, fences: fences.map((fence) => fence !== null) }
      },
      async finish(group): Promise<Written> {
        const writes = await Promise.all(group.writes.map((write) => withFence(database, write)))
        return database.finish({ ...group, writes })
      },
    }),
}

/** The write with a fence that holds, whatever it was. */
async function withFence(database: Database, write: Write): Promise<Write> {
  if (write.fence === null) return write
  const [item] = await database.state.items([write.fence.item])
  if (item === undefined) return { ...write, fence: null, rev: null }
  const fence: Fence = { ...write.fence, epoch: item.epoch }
  return { ...write, fence }
}

/** The revision of a run's row is not checked: of two writers at once the second does not see the first. */
export const dropRevision: BrokenGuard = {
  stands: 'below',
  wrap: (database) =>
    with_(database, {
      async begin(needs, fences, revs): Promise<FactsData> {
        const facts = await database.begin(needs, fences, revs)
        return { ...facts, revs: revs.map((rev) => rev !== null) }
      },
      async finish(group): Promise<Written> {
        const writes: Write[] = []
        const revs = new Map<Key, number>()
        for (const write of group.writes) {
          const changes: Change[] = []
          for (const change of write.changes) changes.push(await withNextRev(database, change, revs))
          writes.push({ ...write, rev: null, changes })
        }
        return database.finish({ ...group, writes })
      },
    }),
}

async function withNextRev(database: Database, change: Change, revs: Map<Key, number>): Promise<Change> {
  if (!('set' in change) || change.set !== 'run') return change
  const [run] = revs.has(change.key) ? [] : await database.state.load([change.key])
  const rev = (revs.get(change.key) ?? run?.row.rev ?? change.state.rev - 1) + 1
  revs.set(change.key, rev)
  return { ...change, state: { ...change.state, rev } }
}

/** The group is answered before it is written. */
export const answerFirst: BrokenGuard = {
  stands: 'above',
  wrap: (database, wait) => {
    let last: Promise<unknown> = Promise.resolve()
    let now = 0
    return with_(database, {
      async begin(needs, fences, revs): Promise<FactsData> {
        await last
        const facts = await database.begin(needs, fences, revs)
        now = facts.now
        return facts
      },
      async finish(group): Promise<Written> {
        await last
        last = wait(15)
          .then(() => database.finish(group))
          .catch(() => {})
        const { mark } = await database.state.clock()
        return { results: group.writes.map(() => 'done'), now: database.now?.() ?? now, mark }
      },
    })
  },
}

/** Each operation is written in two transactions: one half, then the other. */
export const finishInTwoParts: BrokenGuard = {
  stands: 'above',
  wrap: (database) =>
    with_(database, {
      async finish(group): Promise<Written> {
        const halves = group.writes.map(({ changes }) => changes.length >> 1)
        const first = await database.finish({
          ...group,
          writes: group.writes.map((write, at) => part(write, 0, halves[at])),
        })
        const rest: Group = {
          ...group,
          writes: group.writes.map((write, at) => {
            const isDone = first.results[at] === 'done'
            return { ...part(write, halves[at] ?? 0), fence: null, rev: null, ...(isDone ? {} : { changes: [] }) }
          }),
        }
        const second = await database.finish(rest)
        return { ...second, results: first.results }
      },
    }),
}

function part(write: Write, from: number, until?: number): Write {
  return { ...write, changes: write.changes.slice(from, until) }
}

/** Slots are counted before the limits are locked: who counts at the same time counts the same slots as free. */
export const countBeforeLock: BrokenGuard = {
  stands: 'above',
  wrap: (database, wait) =>
    with_(database, {
      async begin(needs, fences, revs): Promise<FactsData> {
        if (needs.limits === undefined || needs.limits.length === 0) return database.begin(needs, fences, revs)
        const counted = await database.begin({ limits: needs.limits }, [], [])
        await database.rollback()
        await wait(2)
        const facts = await database.begin(needs, fences, revs)
        const held = new Map(counted.limits.map((limit) => [limit.name, limit.held]))
        const limits = facts.limits.map((limit) => ({ ...limit, held: held.get(limit.name) ?? limit.held }))
        return { ...facts, limits }
      },
    }),
}

/** A line that has to be looked at is not handed over. */
export const dropHandOff: BrokenGuard = {
  stands: 'below',
  wrap: (database) =>
    with_(database, {
      finish: (group) => {
        const isHandOff = (change: Change) =>
          'put' in change && change.put === 'item' && change.row.kind === 'line' && change.row.step === ''
        const writes = group.writes.map((write) => ({
          ...write,
          changes: write.changes.filter((change) => !isHandOff(change)),
        }))
        return database.finish({ ...group, writes })
      },
    }),
}

/** Counters are lost on their way: what is counted is no longer what is. */
export const dropCounters: BrokenGuard = {
  stands: 'above',
  wrap: (database) =>
    with_(database, {
      finish: (group) => {
        const isCounter = (change: Change) => 'add' in change && change.name === 'steps'
        const writes = group.writes.map((write) => ({
          ...write,
          changes: write.changes.filter((change) => !isCounter(change)),
        }))
        return database.finish({ ...group, writes })
      },
    }),
}

/** Events and waits on one name do not wait for each other. */
export const dropNameLocks: BrokenGuard = {
  stands: 'below',
  wrap: (database) =>
    with_(database, {
      begin: (needs, fences, revs) => database.begin({ ...needs, storing: [], waitingFor: [] }, fences, revs),
    }),
}

/** The registry's version is read before its lock is held: a sync in between is not noticed. */
export const readVersionEarly: BrokenGuard = {
  stands: 'above',
  wrap: (database, wait) =>
    with_(database, {
      async begin(needs, fences, revs): Promise<FactsData> {
        if (needs.registry === true) return database.begin(needs, fences, revs)
        const registryVersion = await database.state.registryVersion()
        await wait(2)
        return { ...(await database.begin(needs, fences, revs)), registryVersion }
      },
    }),
}

/** Requests are read before their session is locked: of two answers at once the second does not see the first. */
export const readRequestsEarly: BrokenGuard = {
  stands: 'above',
  wrap: (database, wait) =>
    with_(database, {
      async begin(needs, fences, revs): Promise<FactsData> {
        if (needs.requests === undefined) return database.begin(needs, fences, revs)
        const early = await database.begin({ requests: needs.requests }, [], [])
        await database.rollback()
        await wait(2)
        const facts = await database.begin(needs, fences, revs)
        const requests = facts.requests.map((row) => early.requests.find(({ key }) => key === row.key) ?? row)
        return { ...facts, requests }
      },
    }),
}

/** Jobs are read before they are locked: of two calls by hand at once the second does not see the first. */
export const readJobsEarly: BrokenGuard = {
  stands: 'above',
  wrap: (database, wait) =>
    with_(database, {
      async begin(needs, fences, revs): Promise<FactsData> {
        if (needs.jobs === undefined || needs.jobs.length === 0) return database.begin(needs, fences, revs)
        const early = await database.begin({ jobs: needs.jobs }, [], [])
        await database.rollback()
        await wait(2)
        const facts = await database.begin(needs, fences, revs)
        const jobs = facts.jobs.map((row) => early.jobs.find(({ key }) => key === row.key) ?? row)
        return { ...facts, jobs }
      },
    }),
}
