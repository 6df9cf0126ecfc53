// A result that the function has not been shown must not lie there: when it should be discovered (each one of a race, each
// one under a version before 2, the last one of a plan otherwise), a discovery is on its way that will see it.
import type { Change, Fence, Key } from '@pawl/storage'
import type { Mirror, MirrorRun } from './mirror.ts'
import type { Report } from './violation.ts'

interface Unseen {
  readonly seq: number
  readonly position: number
  readonly race: boolean
}

export class DiscoveryChecks {
  readonly #mirror: Mirror
  readonly #report: Report
  /** Results that came from a branch, by run; what a discovery reports itself it knows. */
  readonly #results = new Map<Key, Unseen[]>()
  /** The last group that leased a discovery of the run. */
  readonly #discovered = new Map<Key, number>()
  /** Results that a discovery of the run was sent with: those that came after its lease may be among them. */
  readonly #sent = new Map<Key, number>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** A discovery goes out with so many results. */
  sent(runId: string, results: number): void {
    const run = this.#mirror.runsById.get(runId)?.row.key
    if (run !== undefined) this.#sent.set(run, Math.max(results, this.#sent.get(run) ?? 0))
  }

  /** An operation is about to be taken over. */
  before(changes: readonly Change[], fence: Fence | null): void {
    const caller = fence === null ? undefined : this.#mirror.lease(fence.item, fence.epoch)?.item
    for (const change of changes) {
      const row = itemIn(change)
      if (row?.state === 'leased' && row.step === '' && row.run !== null) this.#noteLease(row.run, row.key, row.epoch)
      if (!('put' in change) || change.put !== 'step' || change.row.position < 0) continue
      const { run, step, position } = change.row
      if (caller?.run === run && caller.step === '') continue
      const race = this.#mirror.runs.get(run)?.items.get(step)?.race ?? false
      this.#results.set(run, [...(this.#results.get(run) ?? []), { seq: this.#mirror.seq, position, race }])
    }
  }

  #noteLease(run: Key, item: Key, epoch: number): void {
    if (this.#mirror.lease(item, epoch) === undefined) this.#discovered.set(run, this.#mirror.seq)
  }

  /** A live run, after an operation. */
  check(run: MirrorRun): void {
    const seen = this.#discovered.get(run.row.key) ?? 0
    const sent = this.#sent.get(run.row.key) ?? 0
    const results = this.#results.get(run.row.key) ?? []
    const unseen = results.filter(({ seq, position }) => seq > seen && position >= sent)
    this.#results.set(run.row.key, unseen)
    const isDue = unseen.some(({ race }) => race || run.row.version < 2 || run.row.open === 0)
    if (!isDue) return
    const discovery = run.items.get('')
    if (discovery !== undefined && (discovery.state !== 'leased' || discovery.again)) return
    this.#report('I20', `a result of run ${run.row.id} waits to be discovered, and no discovery is on its way`)
  }
}

function itemIn(change: Change) {
  if ('put' in change && change.put === 'item') return change.row
  return 'set' in change && change.set === 'item' ? change.row : undefined
}
