// Writes one change into the tables, and refuses what does not fit what is stored, as the unique indexes and conditions of
// a real database do. What a refused group has written is taken back by whoever calls.
import type { Change, ItemRow, Key, Mark, RunRow } from '@pawl/storage'
import { misfit, refuse } from './refuse.ts'
import { isNamed, stepName, type Tables } from './tables.ts'
import { addTally, fold } from './tallies.ts'
import { endRecords, putRecord, setRecord } from './write-record.ts'

export interface WriteContext {
  readonly tables: Tables
  /** The number of the transaction that writes. */
  readonly xid: number
  /** What it can see. */
  readonly mark: Mark
  readonly now: number
  /** The process that writes. */
  readonly process: Key
  /** Takes a lock if nobody is in the way. */
  readonly take: (lock: string) => boolean
}

type Put = Extract<Change, { readonly put: string }>
type Replace = Extract<Change, { readonly set: string }>
type End = Extract<Change, { readonly end: string }>

export function writeChange(context: WriteContext, change: Change): void {
  if ('put' in change) put(context, change)
  else if ('set' in change) replace(context.tables, change)
  else if ('end' in change) end(context, change)
  else if ('add' in change) addTally(context, change)
  else fold(context.tables, change)
}

/** Whether the change is one of the registry, which raises its version. */
export function isOfRegistry(change: Change): boolean {
  if ('put' in change) return ['app', 'function', 'functionVersion', 'waitPath'].includes(change.put)
  if ('set' in change) return change.set === 'app' || change.set === 'function'
  return 'end' in change && change.end === 'everything'
}

function put({ tables, xid, mark, now }: WriteContext, change: Put): void {
  switch (change.put) {
    case 'event': {
      const { row, body } = change
      refuse(tables.events.has(row.key), `there is an event ${row.key}`)
      refuse(!row.isRepeat && tables.eventByUlid(row.id) !== undefined, `there is an event ${row.id}`)
      return tables.events.set(row.key, { row, body, xid })
    }
    case 'run':
      return putRun(tables, change.row)
    case 'runEvents':
      return tables.runEvents.set(change.run, change.events)
    case 'output':
      return tables.outputs.set(change.run, { run: change.run, text: change.text, isError: change.isError })
    case 'item':
      return putItem(tables, change.row)
    case 'step': {
      const { row } = change
      refuse(!/^[0-9a-f]{40}$/.test(row.step), `"${row.step}" is no hash of a step`)
      refuse(tables.hasMemo(row.run, row.step), `run ${row.run} has a memo of step ${row.step}`)
      return tables.steps.set(stepName(row.run, row.step), row)
    }
    case 'history': {
      const name = `${change.row.run} ${change.row.seq}`
      refuse(tables.history.has(name), `run ${change.row.run} has history ${change.row.seq}`)
      return tables.history.set(name, { row: change.row, error: change.error })
    }
    case 'wait':
      refuse(tables.waits.has(change.row.key), `there is a wait ${change.row.key}`)
      refuse(isTaken(tables, change.row), `signal "${change.row.name}" has a wait`)
      tables.waitMarks.set(change.row.key, { xid, mark })
      return tables.waits.set(change.row.key, change.row)
    case 'skip': {
      const name = `${change.row.event} ${change.row.fn}`
      refuse(tables.skips.has(name), `event ${change.row.event} has a skip of function ${change.row.fn}`)
      return tables.skips.set(name, change.row)
    }
    case 'idempotency': {
      const { fn, key } = change.row
      const before = tables.idempotency.get(`${fn} ${key}`)
      const isThere = before !== undefined && before.expiresAt > now
      refuse(isThere, `function ${fn} has a run under the idempotency key "${key}"`)
      return tables.idempotency.set(`${fn} ${key}`, change.row)
    }
    case 'effect': {
      const { event, run, how } = change.row
      return tables.effects.set(`${event} ${run} ${how}`, change.row)
    }
    case 'sync':
      return tables.syncs.set(change.row.key, change.row)
    case 'functionVersion': {
      const { fn, version } = change.row
      refuse(tables.functionVersions.has(`${fn} ${version}`), `function ${fn} has a version ${version}`)
      return tables.functionVersions.set(`${fn} ${version}`, change.row)
    }
    case 'rate':
      return tables.rates.set(change.row.name, change.row)
    case 'admission':
      return tables.admissions.set(change.row.key, change.row)
    case 'bulk':
      return tables.bulks.set(change.row.key, change.row)
    case 'job':
    case 'jobRun':
    case 'secret':
    case 'session':
    case 'sessionItem':
    case 'request':
      return putRecord(tables.records, change)
    case 'app':
      refuse(tables.apps.find((app) => app.name === change.row.name) !== undefined, `there is app ${change.row.name}`)
      return tables.apps.set(change.row.key, change.row)
    case 'function': {
      const { app, slug } = change.row
      const same = tables.functions.find((fn) => fn.app === app && fn.slug === slug)
      refuse(same !== undefined, `there is a function ${slug}`)
      return tables.functions.set(change.row.key, change.row)
    }
    case 'waitPath':
      return tables.waitPaths.set(`${change.name} ${change.path}`, { name: change.name, path: change.path })
  }
}

function putRun(tables: Tables, row: RunRow): void {
  refuse(tables.runs.has(row.key) || tables.runByUlid(row.id) !== undefined, `there is a run ${row.id}`)
  const holds = row.singleton !== null && row.endedAt === null
  refuse(holds && tables.singleton(row.singleton) !== undefined, `singleton "${row.singleton}" has a run`)
  tables.runs.set(row.key, row)
  tables.eventNames.set(row.key, tables.events.get(row.event)?.row.name ?? '')
}

function putItem(tables: Tables, row: ItemRow): void {
  refuse(tables.items.has(row.key), `there is an item ${row.key}`)
  refuse(row.run !== null && tables.itemOf(row.run, row.step) !== undefined, `run ${row.run} has "${row.step}"`)
  refuse(row.run === null && isNamed(row) && tables.named(row.step) !== undefined, `there is "${row.step}"`)
  tables.items.set(row.key, row)
}

function isTaken(tables: Tables, row: { readonly key: Key; readonly kind: string; readonly name: string }): boolean {
  if (row.kind !== 'signal' || row.name === '') return false
  const other = tables.signal(row.name)
  return other !== undefined && other.key !== row.key
}

function replace(tables: Tables, change: Replace): void {
  switch (change.set) {
    case 'run': {
      const row = tables.runs.get(change.key)
      if (row === undefined || row.rev !== change.state.rev - 1) throw misfit(`run ${change.key} has another revision`)
      return tables.runs.set(change.key, { ...row, ...change.state })
    }
    case 'item': {
      const before = tables.items.get(change.row.key)
      if (before === undefined) throw misfit(`there is no item ${change.row.key}`)
      const { run, fn } = before
      const other = run === null ? undefined : tables.itemOf(run, change.row.step)
      refuse(other !== undefined && other.key !== change.row.key, `run ${run} has "${change.row.step}"`)
      return tables.items.set(change.row.key, { ...change.row, run, fn })
    }
    case 'wait': {
      const before = tables.waits.get(change.row.key)
      if (before === undefined) throw misfit(`there is no wait ${change.row.key}`)
      refuse(isTaken(tables, change.row), `signal "${change.row.name}" has a wait`)
      return tables.waits.set(change.row.key, { ...before, name: change.row.name })
    }
    case 'bulk':
      refuse(!tables.bulks.has(change.row.key), `there is no bulk operation ${change.row.key}`)
      return tables.bulks.set(change.row.key, change.row)
    case 'job':
    case 'jobRun':
    case 'session':
    case 'request':
      return setRecord(tables.records, change)
    case 'app':
      refuse(!tables.apps.has(change.row.key), `there is no app ${change.row.key}`)
      return tables.apps.set(change.row.key, change.row)
    case 'function':
      refuse(!tables.functions.has(change.row.key), `there is no function ${change.row.key}`)
      return tables.functions.set(change.row.key, change.row)
    case 'clockOffset':
      // A counter of the server, which takes it with the commit.
      return
  }
}

function end({ tables, take }: WriteContext, change: End): void {
  switch (change.end) {
    case 'item':
      return tables.items.delete(change.key)
    case 'items':
      return tables.items.deleteWhere((item) => item.run === change.run)
    case 'wait':
      return tables.waits.delete(change.key)
    case 'waits':
      return tables.waits.deleteWhere((wait) => wait.run === change.run)
    case 'event':
      tables.skips.deleteWhere((skip) => skip.event === change.key)
      tables.effects.deleteWhere((effect) => effect.event === change.key)
      return tables.events.delete(change.key)
    case 'run':
      return endRun(tables, change.key)
    case 'expired':
      return endExpired(tables, change.before, change.max)
    case 'secret':
      return tables.records.secrets.delete(change.name)
    case 'records':
      return endRecords(tables.records, change, take)
    case 'everything':
      return tables.wipe()
  }
}

function endRun(tables: Tables, run: Key): void {
  tables.runs.delete(run)
  tables.runEvents.delete(run)
  tables.eventNames.delete(run)
  tables.effects.deleteWhere((effect) => effect.run === run)
  tables.outputs.delete(run)
  tables.steps.deleteWhere((step) => step.run === run)
  tables.history.deleteWhere((entry) => entry.row.run === run)
}

function endExpired(tables: Tables, before: number, max: number): void {
  const { idempotency, admissions, rates } = tables
  const oldest = <Row>(rows: Row[], at: (row: Row) => number) =>
    rows
      .filter((row) => at(row) < before)
      .sort((a, b) => at(a) - at(b))
      .slice(0, max)
  for (const { fn, key } of oldest(idempotency.values(), ({ expiresAt }) => expiresAt))
    idempotency.delete(`${fn} ${key}`)
  for (const { key } of oldest(admissions.values(), ({ expiresAt }) => expiresAt)) admissions.delete(key)
  for (const { name } of oldest(rates.values(), ({ tat }) => tat / 1_000)) rates.delete(name)
}
