// The parts of the normal run, round by round: which of them are wanted, and who takes part.

import type { Bench } from '../bench.ts'
import type { PartName } from '../options.ts'
import { SECTIONS } from '../report/figures.ts'
import type { Table } from '../report/table.ts'
import { floorKind } from '../stand/server.ts'
import { measureCeilings } from './ceiling.ts'
import { measureFanOut } from './fan-out.ts'
import { measureLatency } from './latency.ts'
import { measureNullApp } from './null-app.ts'
import { measureResources } from './resources.ts'
import { measureSdkApps } from './sdk-app.ts'

export const PARTS_TABLE: Table = {
  sections: SECTIONS,
  contenders: ['pawl', 'floor', 'ceiling'],
  ratios: [
    ['pawl', 'floor'],
    ['pawl', 'ceiling'],
    ['floor', 'ceiling'],
  ],
}

/** Measures the wanted parts in every round. */
export async function measureParts(bench: Bench): Promise<void> {
  const { parts, rounds, database } = bench.options
  const wantsPawl = parts.some((part) => part !== 'floor' && part !== 'ceiling')
  bench.contend([...(wantsPawl ? [bench.pawl()] : []), ...(parts.includes('floor') ? [floorKind(database)] : [])])
  for (let round = 1; round <= rounds; round += 1) {
    bench.record.round = round
    if (parts.includes('null') || onlyFloor(parts)) await measureNullApp(bench)
    if (parts.includes('sdk')) await measureSdkApps(bench)
    else if (parts.includes('ceiling')) await measureCeilings(bench)
    if (parts.includes('fan')) await measureFanOut(bench)
    if (parts.includes('latency')) await measureLatency(bench)
    if (parts.includes('resources')) await measureResources(bench)
  }
}

/** `floor` beside other parts makes the floor take part in them; on its own it means the null app on the floor. */
function onlyFloor(parts: readonly PartName[]): boolean {
  return parts.every((part) => part === 'floor' || part === 'ceiling') && parts.includes('floor')
}
