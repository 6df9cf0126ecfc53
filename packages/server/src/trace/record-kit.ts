// Makes run records by hand, as the engine writes them, for the tests of the trace.
import type { HistoryRow, ItemRow, RunRecord, RunStatus, StepKind } from '@pawl/storage'
import type { StepDetail } from '../engine.ts'

export const RUN_ID = '01J00000000000000000000000'

/** Hash of a step in these tests: readable, and as long as a real one. */
export function stepHash(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(40, '0')
}

interface Times {
  readonly attempt?: number
  readonly queuedAt?: number
  readonly startedAt?: number
  readonly endedAt?: number
}

export class RecordKit {
  readonly #history: { row: HistoryRow; error: string | null }[] = []
  readonly #steps: RunRecord['steps'][number][] = []
  readonly #items: ItemRow[] = []
  readonly #children: RunRecord['children'][number][] = []
  #status: RunStatus = 'running'
  #endedAt: number | null = null
  #output: string | null = null

  /** A try that failed and will be repeated: of a step, or ('') of the function. */
  failed(step: string, error: string, times: Times = {}): this {
    this.#put({ kind: 'attempt', status: 'errored', step, times, error: `{"message":"${error}","name":"Error"}` })
    return this
  }

  /** A step that ended; `memo` as it is sent to SDKs. */
  ended(
    step: string,
    memo: string | null,
    times: Times & {
      readonly kind?: StepKind
      readonly status?: HistoryRow['status']
      readonly detail?: StepDetail
      readonly input?: string
    } = {},
  ): this {
    const { kind = 'run', status = 'completed', detail = null, input = null } = times
    this.#put({ kind: 'step', status, step, times, stepKind: kind, detail, error: null })
    if (memo !== null) {
      this.#steps.push({ run: 1, step: stepHash(step), position: this.#steps.length, memo, input })
    }
    return this
  }

  /** Something of the run that is open. */
  open(step: string, kind: ItemRow['kind'], item: Partial<ItemRow> & { readonly facts?: StepDetail } = {}): this {
    const { facts, ...rest } = item
    this.#items.push({
      key: this.#items.length + 1,
      run: 1,
      fn: 1,
      step: step === '' ? '' : stepHash(step),
      kind,
      state: kind === 'call' ? 'leased' : 'sleeping',
      due: 0,
      rank: 0,
      limits: [],
      holds: false,
      line: null,
      attempt: 0,
      claims: 0,
      epoch: 1,
      owner: 1,
      startedAt: 100,
      queuedAt: 100,
      again: false,
      race: false,
      detail: step === '' ? null : JSON.stringify({ name: step, ...facts }),
      ...rest,
    })
    return this
  }

  child(
    step: string,
    child: { readonly runId: string; readonly invokeEventId: string; readonly finishEventId: string | null },
  ): this {
    this.#children.push({ step: stepHash(step), ...child })
    return this
  }

  scheduled(): this {
    this.#status = 'scheduled'
    return this
  }

  /** The end of the run. */
  end(status: 'completed' | 'failed' | 'cancelled', output: string | null, times: Times = {}): this {
    this.#status = status
    this.#output = output
    this.#endedAt = times.endedAt ?? this.#now() + 10
    this.#put({ kind: 'run', status, step: '', times: { ...times, endedAt: this.#endedAt }, error: null })
    return this
  }

  record(): RunRecord {
    const row = {
      key: 1,
      id: RUN_ID,
      app: 1,
      fn: 1,
      fnVersion: 1,
      event: 1,
      queuedAt: 0,
      cron: null,
      original: null,
      parentRun: null,
      parentStep: null,
      correlation: null,
      quiet: false,
      rank: 0,
      flow: null,
      singleton: null,
      batch: null,
      skipped: null,
      bulk: null,
      status: this.#status,
      rev: 1,
      startedAt: this.#status === 'scheduled' ? null : 1,
      endedAt: this.#endedAt,
      stack: 0,
      history: this.#history.length,
      steps: 0,
      bytes: 0,
      open: 0,
      racing: 0,
      waits: 0,
      version: 2,
      forcePlan: false,
      finishEvent: null,
      retries: 0,
    }
    const trigger = { key: 1, id: 'E', eventId: 'E', name: 'a', ts: 0, receivedAt: 0, isRepeat: false, ofRun: null }
    return {
      run: {
        row,
        slug: 'shop-import',
        functionName: 'Import',
        appName: 'shop',
        trigger,
        originalId: null,
        parentId: null,
        open: [],
        output: this.#output,
        outputIsError: this.#status === 'failed',
        events: [],
        eventIds: [],
      },
      history: this.#history,
      steps: this.#steps,
      items: this.#items,
      waits: [],
      children: this.#children,
    }
  }

  /** By default each thing takes 10 ms and begins when the one before has ended. */
  #now(): number {
    return Math.max(1, ...this.#history.map(({ row }) => row.endedAt))
  }

  #put(entry: {
    readonly kind: HistoryRow['kind']
    readonly status: HistoryRow['status']
    readonly step: string
    readonly times: Times
    readonly stepKind?: StepKind
    readonly detail?: StepDetail | null
    readonly error: string | null
  }): void {
    const { kind, status, step, times, stepKind = null, detail = null, error } = entry
    const startedAt = times.startedAt ?? this.#now()
    const row: HistoryRow = {
      run: 1,
      seq: this.#history.length + 1,
      kind,
      status,
      step: step === '' ? '' : stepHash(step),
      name: step,
      stepKind,
      attempt: times.attempt ?? 0,
      queuedAt: times.queuedAt ?? startedAt,
      startedAt,
      endedAt: times.endedAt ?? startedAt + 10,
      detail: detail === null ? null : JSON.stringify(detail),
    }
    this.#history.push({ row, error })
  }
}
