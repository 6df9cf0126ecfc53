// The bench: starts Pawl, the floor and the apps as separate processes, compares them in interleaved rounds, prints one table.
// Black box: Pawl is a command and a port. See bench/README.md for what each line means.

import { writeFileSync } from 'node:fs'
import { Bench, messageOf } from './bench.ts'
import { runExact } from './exact/run-exact.ts'
import { type Mode, type Options, readOptions, USAGE } from './options.ts'
import { FAIR_TABLE, measureFairness } from './parts/fair.ts'
import { FLAT_TABLE, measureFlatCost } from './parts/flat.ts'
import { measureParts, PARTS_TABLE } from './parts/parts.ts'
import { measurePeers, PEERS_TABLE } from './parts/peers.ts'
import { measureProcesses, PROCESSES_TABLE } from './parts/processes.ts'
import { reportAsJson } from './report/json.ts'
import { describeMachine } from './report/machine.ts'
import { renderTable, type Table } from './report/table.ts'
import { cleanUpAtExit } from './stand/children.ts'
import { OtherProcesses } from './stand/others.ts'
import { freePort } from './stand/server.ts'

interface Measurement {
  readonly measure: (bench: Bench) => Promise<void>
  readonly table: Table
}

const MEASUREMENTS: Readonly<Record<Exclude<Mode, 'exact'>, Measurement>> = {
  parts: { measure: measureParts, table: PARTS_TABLE },
  flat: { measure: measureFlatCost, table: FLAT_TABLE },
  fair: { measure: measureFairness, table: FAIR_TABLE },
  processes: { measure: measureProcesses, table: PROCESSES_TABLE },
  peers: { measure: measurePeers, table: PEERS_TABLE },
}

async function main(): Promise<number> {
  cleanUpAtExit()
  const options = optionsOrUsage()
  if (options === undefined) return 2
  const bench = new Bench(options, await freePort())
  const machine = describeMachine()
  bench.tell(machine)
  const others = new OtherProcesses()
  const { mode } = options
  if (mode === 'exact') return await runExact(bench).finally(() => bench.close())
  const { measure, table } = MEASUREMENTS[mode]
  try {
    await measure(bench)
  } catch (error) {
    bench.note(messageOf(error))
  } finally {
    await bench.close()
  }
  print(bench, table, [machine, others.describe(), describeRun(options)])
  return bench.notes.length === 0 ? 0 : 1
}

function print(bench: Bench, table: Table, about: readonly string[]): void {
  process.stdout.write(`\n${about.join('\n')}\n\n${renderTable(bench.record, table)}\n`)
  for (const text of bench.skipped) process.stdout.write(`\nskipped: ${text}\n`)
  for (const note of bench.notes) process.stdout.write(`\n! ${note}\n`)
  const { json } = bench.options
  if (json !== undefined) writeFileSync(json, reportAsJson(bench, { about, table }))
}

function describeRun({ rounds, loadSeconds, mode, database }: Options): string {
  const stand = mode === 'parts' || mode === 'flat' || mode === 'fair' ? ` on ${database}` : ''
  return `${rounds} round${rounds === 1 ? '' : 's'}${stand}, loads of ${loadSeconds} s; median (least–most)`
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
