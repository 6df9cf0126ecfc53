import { DiskFolder } from '../src/disk.ts'
import { runSeed } from '../src/run-seed.ts'
import { dropFence } from '../src/broken-guards.ts'
const folder = new DiskFolder()
let stale = 0, seeds = 0, begun = 0
for (let seed = 1; seed <= 300; seed++) {
  let here = 0
  const result = await runSeed(folder, seed, { brokenGuard: { stands: 'below', wrap(database, wait) {
    const inner = dropFence.wrap(database, wait)
    return { ...inner, state: inner.state, lists: inner.lists, now: inner.now, name: inner.name, process: inner.process, async begin(n, f, r) {
      for (const fence of f) if (fence) { const [i] = await database.state.items([fence.item]); if (i?.epoch !== fence.epoch) { begun++; here++; console.log(seed, 'begin', JSON.stringify(fence), JSON.stringify(i)) } }
      return inner.begin(n, f, r) }, async finish(g) {
      for (const w of g.writes) if (w.fence) { const [i] = await database.state.items([w.fence.item]); if (i?.epoch !== w.fence.epoch) { stale++; here++; console.log(seed, 'finish', w.rev, JSON.stringify(w.fence), JSON.stringify(i)?.slice(0, 200), JSON.stringify(w.changes).slice(0,300)) } }
      return inner.finish(g) } } } } })
  if (here) seeds++
}
console.log(stale, begun, seeds)
folder.remove()
