// What callers of Sessions give in these scenarios, each with a plain value.
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'
import { ENGINE_LIMITS } from '../limits.ts'
import type { RequestGiven, SessionGiven } from '../sessions/door.ts'
import { held, type World } from './world.ts'

export const DAY_MS = 86_400_000
export const RESOLVED = 'pawl/session.request.resolved'

export const aSession = (part: Partial<SessionGiven> = {}): SessionGiven => ({
  name: 'trade',
  agent: 'bot',
  title: null,
  metadata: null,
  jobRunId: null,
  runId: null,
  reopen: false,
  ...part,
})

export const aRequest = (part: Partial<RequestGiven> = {}): RequestGiven => ({
  name: 'approve',
  kind: 'approval',
  prompt: 'Buy?',
  form: null,
  arguments: '{"shares":10}',
  expiresAt: null,
  callbackUrl: null,
  wantsLink: false,
  ...part,
})

export const approve = { decision: 'approve', arguments: null, reason: null, by: 'ann' } as const
export const deny = { decision: 'deny', arguments: null, reason: 'no', by: 'bob' } as const

export async function openOne(world: World) {
  return (await world.engine.sessions.open(aSession())).session
}

/** Number, type and content of a session's items. */
export async function logOf(world: World, key: number) {
  const items = await world.store.lists.sessionItems(key, 0, 1_000)
  return items.map(({ seq, type, content }) => [seq, type, JSON.parse(content)])
}

/** A second engine on the same store, with a memory of its own. */
export async function secondEngine(world: World): Promise<Engine> {
  const engine = createEngine({
    store: world.store,
    driver: { call: () => held().promise, close: async () => {} },
    gateway: { fetch: () => new Promise(() => {}) },
    clock: world.clock,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    random: () => 0,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    callsMax: 0,
    retryDelayMs: null,
    signingKeys: [],
    cronCatchUp: 'latest',
    tickMs: 60_000,
    limits: ENGINE_LIMITS,
  })
  await engine.start()
  return engine
}
