// The bench: starts Pawl, the floor and the apps as separate processes, compares them in interleaved rounds, prints one table.
// Black box: Pawl is a command and a port. See bench/README.md for what each line means.

import { writeFileSync } from 'node:fs'
import { Bench } from './bench.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { measureCeilings } from './parts/ceiling.ts'
import { measureFlatCost } from './parts/flat.ts'
import { measureLatency } from './parts/latency.ts'
import { measureNullApp } from './parts/null-app.ts'
import { measureResources } from './parts/resources.ts'
import { measureSdkApps } from './parts/sdk-app.ts'
import { FLAT_SECTIONS, SECTIONS } from './report/figures.ts'
import { reportAsJson } from './report/json.ts'
import { describeMachine } from './report/machine.ts'
import { COLUMNS, FLAT_COLUMNS, renderTable } from './report/table.ts'
import { cleanUpAtExit } from './stand/children.ts'
import { OtherProcesses } from './stand/others.ts'
import { freePort } from './stand/server.ts'

async function main(): Promise<number> {
  cleanUpAtExit()
  const options = optionsOrUsage()
  if (options === undefined) return 2
  const bench = new Bench(options, await freePort())
  const machine = describeMachine()
  const others = new OtherProcesses()
  bench.tell(machine)
  try {
    if (options.flat) await measureFlatCost(bench)
    else await measureRounds(bench)
  } finally {
    await bench.close()
  }
  const [sections, columns] = options.flat ? [FLAT_SECTIONS, FLAT_COLUMNS] : [SECTIONS, COLUMNS]
  const rounds = `${options.rounds} round${options.rounds === 1 ? '' : 's'}, loads of ${options.loadSeconds} s; median (least–most)`
  const about = `${machine}\n${others.describe()}\n${rounds}`
  process.stdout.write(`\n${about}\n\n${renderTable(bench.record, sections, columns)}\n`)
  for (const note of bench.notes) process.stdout.write(`\n! ${note}\n`)
  if (options.json !== undefined) {
    writeFileSync(options.json, reportAsJson(bench, { about, sections, columns }))
  }
  return bench.notes.length === 0 ? 0 : 1
}

async function measureRounds(bench: Bench): Promise<void> {
  const { only, rounds } = bench.options
  const wants = (...parts: Options['only'][number][]) => parts.some((part) => only.includes(part))
  for (let round = 1; round <= rounds; round += 1) {
    bench.record.round = round
    if (wants('null') || onlyFloor(only)) await measureNullApp(bench)
    if (wants('sdk')) await measureSdkApps(bench)
    else if (wants('ceiling')) await measureCeilings(bench)
    if (wants('latency')) await measureLatency(bench)
    if (wants('resources')) await measureResources(bench)
  }
}

/** `floor` beside other parts makes the floor take part in them; on its own it means the null app on the floor. */
function onlyFloor(only: Options['only']): boolean {
  return only.every((part) => part === 'floor' || part === 'ceiling') && only.includes('floor')
}

function optionsOrUsage(): Options | undefined {
  const args = process.argv.slice(2)
  try {
    if (!args.includes('--help')) return readOptions(args)
    process.stdout.write(USAGE)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  }
  return undefined
}

process.exit(await main())
