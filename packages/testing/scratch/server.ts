import http from 'node:http'
import { randomBytes } from 'node:crypto'
import { createEngine, createHttpDriver, createHttpGateway, ENGINE_LIMITS, EngineError, systemClock } from '@pawl/engine'
import { createStore } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import { readCheckpoint, readEvents, readRegisterRequest } from '@pawl/protocol'
const db = await openSqlite({ path: process.argv[2] ?? ':memory:' })
const store = createStore({ database: db, turn: setImmediate })
const log = { debug() {}, info: console.log, warn: console.log, error: console.log }
export const engine = createEngine({ store, clock: systemClock, randomBytes, random: Math.random, log, callsMax: 100, retryDelayMs: 300, signingKeys: [], cronCatchUp: 'latest', tickMs: 150, limits: ENGINE_LIMITS, gateway: createHttpGateway({ allowPrivate: true }), driver: createHttpDriver({ allowPrivate: true }) })
await engine.start()
http.createServer(async (req, res) => {
  const chunks = []; for await (const c of req) chunks.push(c)
  const body = Buffer.concat(chunks)
  const send = (s: number, b: unknown) => { res.writeHead(s, { 'content-type': 'application/json' }); res.end(JSON.stringify(b)) }
  try {
    if (req.url!.startsWith('/e/')) return send(200, { ids: (await engine.send(readEvents(body), (req.headers['x-inngest-event-id-seed'] as string) ?? null)).ids, status: 200 })
    if (req.url!.startsWith('/fn/register')) { const r = await engine.sync(readRegisterRequest(body)); return send(200, { ok: true, ...r }) }
    if (req.url!.includes('/async')) { await engine.checkpoint(readCheckpoint(body)); return send(200, {}) }
    if (req.url === '/runs') return send(200, await store.lists.runs({ field: 'queuedAt', order: 'desc', limit: 50, withOutput: true, withEvents: false }))
    if (req.url!.startsWith('/record/')) return send(200, await store.lists.record(req.url!.slice(8)))
    send(404, {})
  } catch (e) { console.log('ERR', req.url, e); send(e instanceof EngineError && e.code === 'stale_dispatch' ? 409 : 500, { error: String(e), status: 500 }) }
}).listen(8377, '127.0.0.1', () => console.log('listening'))
