import { openSqlite } from '@pawl/storage/sqlite'
import { createStore } from '@pawl/storage'
import { copyFileSync, mkdtempSync, rmSync, existsSync } from 'node:fs'
const dir = mkdtempSync('/dev/shm/pawl-')
let t = performance.now()
for (let i = 0; i < 20; i++) { const d = await openSqlite({ path: ':memory:', now: () => 1e12, monotonic: () => 0 }); await d.close() }
console.log('mem open+close', (performance.now() - t) / 20)
const d = await openSqlite({ path: `${dir}/t.db`, now: () => 1e12, monotonic: () => 0 }); await d.close()
t = performance.now()
for (let i = 0; i < 20; i++) { copyFileSync(`${dir}/t.db`, `${dir}/c${i}.db`); const d = await openSqlite({ path: `${dir}/c${i}.db`, now: () => 1e12, monotonic: () => 0 }); await d.close() }
console.log('file copy open+close', (performance.now() - t) / 20, existsSync(`${dir}/t.db-wal`))
t = performance.now()
for (let i = 0; i < 20; i++) { const d = await openSqlite({ path: `${dir}/c${i}.db`, now: () => 1e12, monotonic: () => 0 });  await d.close() }
console.log('file reopen', (performance.now() - t) / 20)
for (const path of [':memory:', `${dir}/c0.db`]) {
const d2 = await openSqlite({ path, now: () => 1e12, monotonic: () => 0, durability: 'full' })
const s = createStore({ database: d2, turn: setImmediate })
t = performance.now()
for (let i = 0; i < 500; i++) await s.commit({ needs: { storing: ['a'] }, decide: (f) => ({ changes: [{ put: 'event', row: { key: f.key(), id: `x${i}`, eventId: 'a', name: 'a', ts: 1, receivedAt: f.now, isRepeat: false, ofRun: null }, body: '{}' }], result: 1 }) })
console.log('commit', path, (performance.now() - t) / 500)
await s.close()
}
rmSync(dir, { recursive: true })
