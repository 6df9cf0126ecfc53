import { randomBytes } from 'node:crypto'
import { createEngine, ENGINE_LIMITS, systemClock } from '@pawl/engine'
import { createStore } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import { readEvents, readRegisterRequest } from '@pawl/protocol'
const path = process.argv[2] ?? ':memory:'
const db = await openSqlite({ path })
const store = createStore({ database: db, turn: setImmediate })
const log = { debug() {}, info() {}, warn: console.log, error: console.log }
const h = (n: number) => n.toString(16).padStart(40, '0')
const answers = Array.from({ length: 11 }, (_, n) => n < 10 ? { status: 206, headers: { 'x-inngest-sdk': 'js:v3', 'x-inngest-req-version': '2' }, body: Buffer.from(JSON.stringify([{ op: 'StepRun', id: h(n), name: 'a' + n, displayName: 'a' + n, opts: {}, data: { x: 1, n }, userland: { id: 'a' } }])) } : { status: 200, headers: { 'x-inngest-sdk': 'js:v3' }, body: Buffer.from('"done"') })
let calls = 0
const engine = createEngine({
  store, clock: systemClock, randomBytes, random: Math.random, log, callsMax: 64, retryDelayMs: 100, signingKeys: [], cronCatchUp: 'latest', tickMs: 150, limits: ENGINE_LIMITS,
  gateway: { fetch: async () => ({ kind: 'lost', reason: 'unreachable', message: 'no' }) },
  driver: {
    call(req) {
      calls++
      const step = Math.min(10, (req.body.match(/"data":\{"n"/g) ?? []).length)
      return new Promise((r) => setImmediate(() => r({ kind: 'answer', raw: answers[step]! })))
    },
    close: async () => {},
  },
})
await engine.start()
await engine.sync(readRegisterRequest(Buffer.from(JSON.stringify({ url: 'http://localhost:3000/api/inngest', deployType: 'ping', framework: 'x', appName: 'app', sdk: 'js:v4.0.0', v: '0.1', functions: [{ id: 'app-f', name: 'f', triggers: [{ event: 'a/b' }], steps: { step: { id: 'step', name: 'step', runtime: { type: 'http', url: 'http://localhost:3000/api/inngest?fnId=app-f&stepId=step' } } } }] }))))
const body = (n: number) => Buffer.from(JSON.stringify(Array.from({ length: n }, () => ({ name: 'a/b', data: { hello: 'world' } }))))
async function round(runs: number) {
  const c0 = calls
  const u0 = process.cpuUsage()
  const t0 = performance.now()
  for (let i = 0; i < runs; i += 100) await engine.send(readEvents(body(100)), null)
  while (calls - c0 < runs * 11) await new Promise((r) => setTimeout(r, 5))
  await new Promise((r) => setTimeout(r, 50))
  const u = process.cpuUsage(u0)
  const ms = (u.user + u.system) / 1000
  console.log(`runs ${runs} steps ${runs * 10}: cpu/step ${(ms / (runs * 10)).toFixed(4)} ms, wall ${(performance.now() - t0).toFixed(0)} ms`)
}
for (let i = 0; i < 4; i++) await round(1000)
await engine.stop()
await store.close()
