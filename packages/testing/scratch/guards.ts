import { DiskFolder } from '../src/disk.ts'
import { runSeed } from '../src/run-seed.ts'
import * as guards from '../src/broken-guards.ts'
const folder = new DiskFolder()
const count = Number(process.argv[2] ?? 100)
for (const [name, brokenGuard] of Object.entries(guards)) {
  const by = new Map<string, number>()
  let first = 0, found = 0
  for (let seed = 1; seed <= count; seed++) {
    const result = await runSeed(folder, seed, { brokenGuard })
    if (result.violation === null) continue
    found++
    first ||= seed
    const key = `${result.violation.invariant} ${result.violation.says.replace(/[0-9A-Z]{26}|[0-9a-f]{40}|\d+/g, '#').slice(0, 110)}`
    by.set(key, (by.get(key) ?? 0) + 1)
  }
  console.log(name, `first ${first}, ${found} of ${count}`)
  for (const [key, n] of [...by].sort((a, b) => b[1] - a[1]).slice(0, 6)) console.log('   ', n, key)
}
folder.remove()
