// All tables of one connection, each with its prepared statements kept for life.
import type { DatabaseSync } from 'node:sqlite'
import { type BulkTable, openBulkTable } from './bulk-table.ts'
import { type EventOutcomeTable, openEventOutcomeTable } from './event-outcome-table.ts'
import { type EventTable, openEventTable } from './event-table.ts'
import { type ItemTable, openItemTable } from './item-table.ts'
import { type JobTable, openJobTable } from './job-table.ts'
import { type LimitTable, openLimitTable } from './limit-table.ts'
import { openRecordTable, type RecordTable } from './record-table.ts'
import { openRegistryTable, type RegistryTable } from './registry-table.ts'
import { openRunTable, type RunTable } from './run-table.ts'
import { openSessionTable, type SessionTable } from './session-table.ts'
import { openStepTable, type StepTable } from './step-table.ts'
import { openTallyTable, type TallyTable } from './tally-table.ts'
import { openWaitTable, type WaitTable } from './wait-table.ts'

export interface Tables {
  readonly events: EventTable
  readonly runs: RunTable
  readonly items: ItemTable
  readonly limits: LimitTable
  readonly steps: StepTable
  readonly waits: WaitTable
  readonly outcomes: EventOutcomeTable
  readonly bulks: BulkTable
  readonly jobs: JobTable
  readonly sessions: SessionTable
  readonly registry: RegistryTable
  readonly records: RecordTable
  readonly tallies: TallyTable
}

export function openTables(db: DatabaseSync): Tables {
  return {
    events: openEventTable(db),
    runs: openRunTable(db),
    items: openItemTable(db),
    limits: openLimitTable(db),
    steps: openStepTable(db),
    waits: openWaitTable(db),
    outcomes: openEventOutcomeTable(db),
    bulks: openBulkTable(db),
    jobs: openJobTable(db),
    sessions: openSessionTable(db),
    registry: openRegistryTable(db),
    records: openRecordTable(db),
    tallies: openTallyTable(db),
  }
}
