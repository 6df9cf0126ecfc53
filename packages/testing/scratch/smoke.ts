import { randomBytes } from 'node:crypto'
import { createEngine, ENGINE_LIMITS, systemClock } from '@pawl/engine'
import { createStore } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import { readEvents, readRegisterRequest } from '@pawl/protocol'
const db = await openSqlite({ path: ':memory:' })
const store = createStore({ database: db, turn: setImmediate })
const log = { debug: console.log, info: console.log, warn: console.log, error: console.log }
const h = (s: string) => s.repeat(40)
const engine = createEngine({
  store, clock: systemClock, randomBytes, random: Math.random, log, callsMax: 100, retryDelayMs: 100, signingKeys: [], cronCatchUp: 'latest', tickMs: 150, limits: ENGINE_LIMITS,
  gateway: { fetch: async () => ({ kind: 'lost', reason: 'unreachable', message: 'no' }) },
  driver: {
    async call(req) {
      const b = JSON.parse(req.body)
      console.log('CALL', req.url, Object.keys(b.steps), b.ctx.stack.stack.length, b.ctx.attempt, b.ctx.generation_id)
      const n = b.ctx.stack.stack.length
      const ops = n === 0 ? [{ op: 'StepRun', id: h('a'), name: 'a', data: { x: 1 } }] : n === 1 ? [{ op: 'Sleep', id: h('b'), name: '200ms' }] : null
      const raw = ops ? { status: 206, headers: { 'x-inngest-sdk': 'js:v3', 'x-inngest-req-version': '2' }, body: Buffer.from(JSON.stringify(ops)) } : { status: 200, headers: { 'x-inngest-sdk': 'js:v3' }, body: Buffer.from('"done"') }
      return { kind: 'answer', raw }
    },
    close: async () => {},
  },
})
await engine.start()
console.log(await engine.sync(readRegisterRequest(Buffer.from(JSON.stringify({ url: 'http://localhost:3000/api/inngest', deployType: 'ping', framework: 'x', appName: 'app', sdk: 'js:v4.0.0', v: '0.1', functions: [{ id: 'app-f', name: 'f', triggers: [{ event: 'a/b' }], steps: { step: { id: 'step', name: 'step', runtime: { type: 'http', url: 'http://localhost:3000/api/inngest?fnId=app-f&stepId=step' } } } }] })))))
console.log(await engine.send(readEvents(Buffer.from('[{"name":"a/b","data":{}}]')), null))
await new Promise((r) => setTimeout(r, 600))
const runs = await store.lists.runs({ field: 'queuedAt', order: 'desc', limit: 10, withOutput: true, withEvents: false })
console.log(JSON.stringify(runs, null, 1))
console.log(JSON.stringify((await store.lists.record(runs[0]!.row.id))?.history))
await engine.stop()
await store.close()
