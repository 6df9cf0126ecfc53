// A committed operation as one line of the trace: what became of runs, items and waits, short enough to be read.
import type { Change, ItemRow, Write } from '@pawl/storage'

/** The line of one operation; `result` is what the database said of it. */
export function commitLine(write: Write, result: string): string {
  const parts = write.changes.map(changeText).filter((text) => text !== '')
  const under = write.fence === null ? '' : ` under ${write.fence.item}.${write.fence.epoch}`
  return `commit${under} ${result}: ${parts.join('; ')}`
}

function changeText(change: Change): string {
  if ('put' in change) return putText(change)
  if ('set' in change) return setText(change)
  if ('add' in change) return ''
  if ('fold' in change) return `fold ${change.fold}`
  if (change.end === 'item' || change.end === 'wait') return `end ${change.end} ${change.key}`
  return change.end === 'items' || change.end === 'waits' ? `end ${change.end} of ${change.run}` : `end ${change.end}`
}

function putText(change: Extract<Change, { put: unknown }>): string {
  switch (change.put) {
    case 'event':
      return `event ${change.row.key} ${change.row.name}${change.row.isRepeat ? ' again' : ''}`
    case 'run':
      return `new run ${change.row.key} (${change.row.id.slice(-6)})`
    case 'item':
      return `new ${itemText(change.row)}`
    case 'step':
      return `result ${change.row.position} ${shortStep(change.row.step)}`
    case 'wait':
      return `wait ${change.row.key} for ${change.row.kind} ${change.row.name}`
    case 'skip':
      return `skip for ${change.row.fn}: ${change.row.reason}`
    case 'history':
      return change.row.kind === 'attempt' ? `attempt ${change.row.attempt} errored` : ''
    default:
      return ''
  }
}

function setText(change: Extract<Change, { set: unknown }>): string {
  switch (change.set) {
    case 'run': {
      const { status, rev, open, racing } = change.state
      return `run ${change.key} ${status} rev ${rev}${open + racing > 0 ? ` open ${open}+${racing}` : ''}`
    }
    case 'item':
      return itemText(change.row)
    case 'wait':
      return `wait ${change.row.key} is now "${change.row.name}"`
    case 'function':
      return `function ${change.row.key} version ${change.row.version}`
    default:
      return change.set
  }
}

function itemText(row: ItemRow): string {
  const { key, kind, step, state, epoch, attempt, again } = row
  const name = step === '' ? '' : ` ${shortStep(step)}`
  return `${kind} ${key}${name} ${state} ${epoch}${attempt > 0 ? ` attempt ${attempt}` : ''}${again ? ' again' : ''}`
}

function shortStep(step: string): string {
  return step.startsWith('!') ? step : step.slice(0, 6)
}
