// Agents that keep sessions, and people who answer what they ask: they append at the same time, ask again what they do not
// know to be asked, answer at the same moment, take back and end.
import type { AnswerGiven, Engine, ItemGiven, RequestGiven, Resolved, SessionGiven } from '@pawl/engine'
import type { RequestRow, SessionItemRow } from '@pawl/storage'
import type { Cluster } from './cluster.ts'
import type { Ledger } from './ledger.ts'
import type { Mirror } from './mirror.ts'
import type { Random } from './random.ts'
import type { Reply } from './server.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

export const RESOLVED_EVENT = 'pawl/session.request.resolved'

export interface PeopleWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly server: () => Cluster
  readonly mirror: Mirror
  readonly ledger: Ledger
  readonly report: Report
  readonly trace: (line: string) => void
}

/** An agent's process may die while it waits; a client's does not. */
interface Agent extends PeopleWorld {
  readonly wait: (ms: number) => Promise<void>
}

const TRIES_MAX = 6

/** One operation of some agent or person, drawn at random. */
export async function useSession(world: PeopleWorld, number: number): Promise<void> {
  const { random, clock } = world
  const agent = { ...world, wait: (ms: number) => clock.wait(ms) }
  const id = await openSession(agent, { name: random.pick(['s1', 's2']), reopen: random.chance(0.3) })
  if (id === null) return
  const lifeMs = random.pick([600, 5_000, 30_000])
  for (let count = random.whole(1, 3); count > 0; count--) {
    await random.pick([
      () => appendAtOnce(agent, id, number),
      () => appendAtOnce(agent, id, number),
      () => ask(agent, id, { key: `${number}`, lifeMs }),
      () => answerSome(agent),
      () => answerSome(agent),
      () => endSession(agent, id),
    ])()
  }
}

/** Asks from inside a step. @returns what came of it; null when no server could be reached. */
export async function askPeople(
  world: Agent,
  request: { readonly key: string; readonly lifeMs: number },
): Promise<string | null> {
  const id = await openSession(world, { name: 'asker', reopen: false })
  return id === null ? null : ask(world, id, request)
}

async function openSession(world: Agent, part: Pick<SessionGiven, 'name' | 'reopen'>): Promise<string | null> {
  const { ledger, report } = world
  const session = { agent: 'sim', title: null, metadata: '{"a":1}', jobRunId: null, runId: null, ...part }
  const reply = await untilAnswered(world, (engine) => engine.sessions.open(session))
  if (reply.kind !== 'done') return null
  const { id } = reply.value.session
  const known = ledger.sessions.get(part.name)
  if (known !== undefined && known !== id) report('SESSION', `session ${part.name} is ${id}, and was ${known}`)
  ledger.sessions.set(part.name, id)
  return id
}

/** Some append at the same time, one of them twice. */
async function appendAtOnce(world: Agent, session: string, number: number): Promise<void> {
  const { random } = world
  const lists = Array.from({ length: random.whole(2, 4) }, (_, index) =>
    Array.from({ length: random.whole(1, 3) }, (_item, place): ItemGiven => {
      const name = random.chance(0.8) ? `${number} ${index} ${place}` : null
      return { type: 'log', role: null, content: `"${index}.${place}"`, name }
    }),
  )
  world.trace(`agent appends ${lists.length} times to ${session.slice(-6)}`)
  const twice = random.chance(0.5) ? [lists[0] ?? []] : []
  await Promise.all([...lists, ...twice].map((items) => append(world, session, items)))
}

async function append(world: Agent, session: string, items: readonly ItemGiven[]): Promise<void> {
  const { mirror, report } = world
  // What has no name would be appended twice.
  const isIdempotent = items.every(({ name }) => name !== null)
  const handle = (engine: Engine) => engine.sessions.append(session, items)
  const reply = isIdempotent ? await untilAnswered(world, handle) : await world.server().request(handle)
  if (reply.kind !== 'done') return
  for (const [index, row] of reply.value.entries()) {
    const kept = mirror.sessionItems.get(row.session)?.[row.seq - 1]
    if (kept?.id !== row.id || !isOf(row, items[index]))
      report('SESSION', `item ${row.seq} of ${session} was acknowledged as ${row.content}, and is ${kept?.content}`)
  }
}

function isOf(row: SessionItemRow, given: ItemGiven | undefined): boolean {
  return row.content === given?.content && row.name === given.name
}

async function ask(
  world: Agent,
  session: string,
  { key, lifeMs }: { readonly key: string; readonly lifeMs: number },
): Promise<string | null> {
  const { random, mirror, report, trace } = world
  const request: Omit<RequestGiven, 'expiresAt'> = {
    name: key,
    kind: 'approval',
    prompt: 'May I?',
    form: '{"schema":{"type":"object"}}',
    arguments: '{"a":1}',
    callbackUrl: random.chance(0.3) ? 'http://receiver.test/' : null,
    wantsLink: random.chance(0.2),
  }
  const reply = await untilAnswered(world, (engine) =>
    engine.sessions.request(session, { ...request, expiresAt: engine.clock().now + lifeMs }),
  )
  if (reply.kind === 'lost' || (reply.kind === 'refused' && reply.error.code === 'store_unavailable')) return null
  if (reply.kind === 'refused') return reply.error.code
  const { id, key: row } = reply.value.request
  trace(`agent asks ${id.slice(-6)} "${key}"`)
  if (!mirror.requests.has(row)) report('I18', `request ${id} was acknowledged and is not stored`)
  if (random.chance(0.4)) await answerTogether(world, id)
  else if (random.chance(0.5)) world.clock.after(random.between(1, 3_000), () => void answerTogether(world, id))
  return id
}

async function answerSome(world: Agent): Promise<void> {
  const { random, mirror } = world
  const requests = [...mirror.requests.values()]
  const pending = requests.filter(({ status }) => status === 'pending')
  const some = pending.length > 0 && random.chance(0.8) ? pending : requests
  if (some.length > 0) await answerTogether(world, random.pick(some).id)
}

/** One, or two at the same moment. */
async function answerTogether(world: PeopleWorld, id: string): Promise<void> {
  const { random } = world
  await Promise.all(Array.from({ length: random.pick([1, 2, 2]) }, () => answer(world, id)))
}

async function answer(world: PeopleWorld, id: string): Promise<void> {
  const { random, trace } = world
  const by = world.ledger.newPerson()
  const given: AnswerGiven = random.chance(0.5)
    ? { decision: 'approve', arguments: random.chance(0.3) ? '{"a":2}' : null, reason: null, by }
    : { decision: 'deny', arguments: null, reason: 'no', by }
  const isCancel = random.chance(0.15)
  trace(`${by} ${isCancel ? 'takes back' : given.decision} ${id.slice(-6)}`)
  const reply = await world
    .server()
    .request((engine) => (isCancel ? engine.sessions.cancelRequest(id, by) : engine.sessions.respond(id, given)))
  if (reply.kind === 'done') checkAnswered(world, { id, by }, reply.value)
}

/** I18: one answer counts, and whoever is told of another is told of that one. */
function checkAnswered(
  { mirror, ledger, report }: PeopleWorld,
  { id, by }: { readonly id: string; readonly by: string },
  came: Resolved,
): void {
  const row = 'resolved' in came ? came.resolved : came.alreadyResolved
  const kept = mirror.requests.get(row.key)
  if (kept === undefined || !isSame(row, kept))
    report('I18', `${by} was told that request ${id} is ${row.status} by ${row.respondedBy}, it is ${kept?.status}`)
  if (!('resolved' in came)) return
  const first = ledger.decided.get(id)
  ledger.decided.set(id, by)
  if (row.respondedBy !== by || first !== undefined)
    report('I18', `${by} was told that the answer to request ${id} counts, as ${first ?? row.respondedBy} was`)
}

function isSame(told: RequestRow, kept: RequestRow): boolean {
  const { status, respondedBy, resolvedAt } = kept
  return told.status === status && told.respondedBy === respondedBy && told.resolvedAt === resolvedAt
}

async function endSession(world: Agent, id: string): Promise<void> {
  const { random, trace, mirror, report } = world
  const status = random.pick(['completed', 'failed', 'cancelled'] as const)
  trace(`agent ends ${id.slice(-6)}: ${status}`)
  const reply = await untilAnswered(world, (engine) => engine.sessions.change(id, { status, result: '{"done":1}' }))
  if (reply.kind !== 'done') return
  if (mirror.sessions.get(reply.value.key) === undefined) report('SESSION', `session ${id} has ended and is not stored`)
}

async function untilAnswered<T>(world: Agent, handle: (engine: Engine) => Promise<T>): Promise<Reply<T>> {
  let reply: Reply<T> = { kind: 'lost' }
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    reply = await world.server().request(handle)
    await world.wait(0)
    if (reply.kind === 'done' || (reply.kind === 'refused' && reply.error.code !== 'store_unavailable')) return reply
    await world.wait(100 * 2 ** tries)
  }
  return reply
}
