import { DiskFolder } from '../src/disk.ts'
import { runSeed } from '../src/run-seed.ts'
const [from, count] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 1)]
const folder = new DiskFolder()
const t = performance.now()
const by = new Map<string, number[]>()
let calls = 0, runs = 0, groups = 0, events = 0
for (let seed = from; seed < from + count; seed++) {
  const result = await runSeed(folder, seed, { verbose: process.argv[4] === 'v' })
  calls += result.calls; runs += result.runs; groups += result.groups; events += result.events
  if (result.violation) {
    const key = `${result.violation.invariant} ${result.violation.says.replace(/[0-9A-Z]{26}|[0-9a-f]{40}|\d+/g, '#').slice(0, 160)}`
    by.set(key, [...(by.get(key) ?? []), seed])
  }
  if (process.argv[4]) { console.log(result.trace.join('\n')); console.log(result.violation, result.hash) }
}
folder.remove()
console.log(`${count} seeds in ${(performance.now() - t).toFixed(0)} ms; per seed ${((performance.now() - t) / count).toFixed(1)} ms, ${(calls / count).toFixed(1)} calls, ${(runs / count).toFixed(1)} runs, ${(groups / count).toFixed(1)} groups, ${(events / count).toFixed(1)} events`)
for (const [key, seeds] of [...by].sort((a, b) => b[1].length - a[1].length)) console.log(seeds.length, key, seeds.slice(0, 8).join(' '))
