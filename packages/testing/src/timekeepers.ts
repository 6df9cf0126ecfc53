// People who have URLs called by the clock: they make jobs, call them by hand, change them at the same time as others do, let
// them rest and go on, and remove them.
import type { Engine, JobGiven } from '@pawl/engine'
import type { JobRow } from '@pawl/storage'
import type { Cluster } from './cluster.ts'
import type { JobChecks } from './job-checks.ts'
import type { Random } from './random.ts'
import type { Reply } from './server.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface TimekeeperWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly server: () => Cluster
  readonly jobs: JobChecks
  readonly report: Report
  readonly trace: (line: string) => void
}

const TRIES_MAX = 6

/** One operation of somebody, drawn at random. */
export async function useJob(world: TimekeeperWorld, number: number): Promise<void> {
  const { random, clock } = world
  const known = [...world.jobs.jobs.values()].filter(({ deletedAt }) => deletedAt === null)
  const job = known.length > 0 && random.chance(0.5) ? random.pick(known) : await make(world, number)
  if (job === null) return
  for (let count = random.whole(2, 6); count > 0; count--) {
    await random.pick([
      () => callByHand(world, job),
      () => callByHand(world, job),
      () => change(world, job),
      () => letRest(world, job),
      () => untilNextSlot(world),
      () => untilNextSlot(world),
      () => changeAtOnce(world, job),
      () => allAtOnce(world, job),
    ])()
  }
  if (random.chance(0.15)) await tried(world, (engine) => engine.jobs.remove(job.id))
  await clock.wait(random.pick([0, 0, 65_000]))
}

async function make(world: TimekeeperWorld, number: number): Promise<JobRow | null> {
  const { random, trace, report, jobs } = world
  const given = drawJob(random, number)
  trace(`somebody makes a job of ${given.schedule.intervalMinutes} minutes`)
  const reply = await world.server().request((engine) => engine.jobs.create(given))
  if (reply.kind !== 'done') return null
  if (!jobs.jobs.has(reply.value.key)) report('I19', `job ${reply.value.id} was acknowledged and is not stored`)
  return reply.value
}

function drawJob(random: Random, number: number): JobGiven {
  return {
    name: `job ${number}`,
    enabled: random.chance(0.85),
    schedule: drawSchedule(random),
    request: { method: 'POST', url: `https://target.test/${number}`, headers: [], body: null },
    timeoutMs: random.pick([5_000, 90_000]),
  }
}

function drawSchedule(random: Random): JobGiven['schedule'] {
  const intervalMinutes = random.pick([1, 1, 1, 2, 7, 60])
  return { intervalMinutes, startMinute: random.whole(0, 3), startHour: 0, timeZone: 'UTC', anchorDate: '2026-01-01' }
}

async function callByHand(world: TimekeeperWorld, { id }: JobRow): Promise<void> {
  const reply = await tried(world, (engine) => engine.jobs.run(id))
  if (reply.kind === 'done' && !world.jobs.knows(reply.value.id))
    world.report('I19', `run ${reply.value.id} of job ${id} was acknowledged and is not stored`)
}

async function change(world: TimekeeperWorld, { id }: JobRow): Promise<void> {
  const { random } = world
  const change = random.chance(0.5) ? { schedule: drawSchedule(random) } : { name: 'another' }
  await tried(world, (engine) => engine.jobs.update(id, change))
}

async function letRest(world: TimekeeperWorld, { id }: JobRow): Promise<void> {
  const { random, clock } = world
  await tried(world, (engine) => engine.jobs.pause(id))
  await clock.wait(random.pick([0, 100, 20_000]))
  if (random.chance(0.8)) await tried(world, (engine) => engine.jobs.resume(id))
}

async function untilNextSlot({ random, clock }: TimekeeperWorld): Promise<void> {
  await clock.wait(random.between(100, 61_000))
}

/** Two have read the same: one of them may write. */
async function changeAtOnce(world: TimekeeperWorld, { key, id }: JobRow): Promise<void> {
  const row = world.jobs.jobs.get(key)
  if (row === undefined) return
  const replies = await Promise.all(
    ['one', 'two'].map((name) => world.server().request((engine) => engine.jobs.update(id, { name }, row.updatedAt))),
  )
  if (replies.every(({ kind }) => kind === 'done'))
    world.report('I19', `two have changed job ${id} as it was at ${row.updatedAt}`)
}

/** A call by hand, a pause and a change meet, maybe with a slot. */
async function allAtOnce(world: TimekeeperWorld, job: JobRow): Promise<void> {
  const { random } = world
  const what = [callByHand, callByHand, change, letRest]
  await Promise.all(Array.from({ length: random.whole(2, 4) }, () => random.pick(what)(world, job)))
}

/** Asked again until somebody answers; what was done already may be refused. */
async function tried<T>(world: TimekeeperWorld, ask: (engine: Engine) => Promise<T>): Promise<Reply<T>> {
  let reply: Reply<T> = { kind: 'lost' }
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    reply = await world.server().request(ask)
    if (reply.kind === 'done' || (reply.kind === 'refused' && reply.error.code !== 'store_unavailable')) return reply
    await world.clock.wait(200)
  }
  return reply
}
