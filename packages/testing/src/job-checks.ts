// I19, HTTP Jobs: of one job there is never more than one run that is not over; each slot that falls due is one run, or is
// counted in one record that it was skipped; and no run is sent twice, whatever becomes of its server. All of it is looked at in
// each committed state, and against what the targets themselves have seen.
import { type JobSchedule, nextSlot } from '@pawl/engine'
import type { Change, JobRow, JobRunRow, Key } from '@pawl/storage'
import type { Mirror } from './mirror.ts'
import type { Report } from './violation.ts'

export class JobChecks {
  readonly jobs = new Map<Key, JobRow>()
  readonly #mirror: Mirror
  readonly #report: Report
  readonly #runs = new Map<Key, JobRunRow>()
  /** By job: its runs that are not over. */
  readonly #live = new Map<Key, Set<Key>>()
  readonly #slots = new Set<string>()
  /** Requests that targets have seen, and what they answered, by the run's ULID. */
  readonly #sent = new Map<string, { count: number; status: number | null }>()
  /** Jobs as they were before the operation that is taken over. */
  readonly #before = new Map<Key, JobRow>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** A target has seen a request. */
  sent(runId: string): void {
    const sent = this.#sent.get(runId) ?? { count: 0, status: null }
    sent.count += 1
    this.#sent.set(runId, sent)
    if (sent.count > 1) this.#report('I19', `run ${runId} of a job was sent ${sent.count} times`)
    const run = [...this.#runs.values()].find(({ id }) => id === runId)
    if (run === undefined || run.status === 'queued' || run.status === 'skipped')
      this.#report('I19', `run ${runId} of a job was sent, and is ${run?.status ?? 'not stored'}`)
  }

  /** A target has answered. */
  answered(runId: string, status: number): void {
    const sent = this.#sent.get(runId)
    if (sent !== undefined) sent.status = status
  }

  knows(runId: string): boolean {
    return [...this.#runs.values()].some(({ id }) => id === runId)
  }

  /** An operation was taken over, at the store's time `now`. */
  after(changes: readonly Change[], now: number): void {
    const touched = new Set<Key>()
    for (const change of changes) {
      if ('put' in change && change.put === 'job') this.#putJob(change.row, touched)
      else if ('set' in change && change.set === 'job') this.#setJob(change.row, touched)
      else if ('put' in change && change.put === 'jobRun') this.#putRun(change.row, touched)
      else if ('set' in change && change.set === 'jobRun') this.#setRun(change.row, touched)
    }
    for (const key of touched) this.#checkJob(key)
    for (const [key, before] of this.#before) this.#checkSlots(before, this.jobs.get(key), { changes, now })
    this.#before.clear()
  }

  #putJob(row: JobRow, touched: Set<Key>): void {
    if (this.jobs.has(row.key)) this.#report('STORE', `job ${row.id} was made twice`)
    this.jobs.set(row.key, row)
    touched.add(row.key)
  }

  #setJob(row: JobRow, touched: Set<Key>): void {
    const before = this.jobs.get(row.key)
    if (before === undefined) return this.#report('STORE', `job ${row.id} was written before it was made`)
    if (before.deletedAt !== null && row.deletedAt === null)
      this.#report('I19', `job ${row.id} was removed and is back`)
    if (!this.#before.has(row.key)) this.#before.set(row.key, before)
    this.jobs.set(row.key, row)
    touched.add(row.key)
  }

  #putRun(row: JobRunRow, touched: Set<Key>): void {
    const slot = `${row.job} ${row.scheduledAt}`
    if (row.trigger === 'schedule') {
      if (this.#slots.has(slot)) this.#report('I19', `the slot ${row.scheduledAt} of job ${row.job} has two records`)
      this.#slots.add(slot)
    }
    this.#fileRun(row)
    touched.add(row.job)
  }

  #setRun(row: JobRunRow, touched: Set<Key>): void {
    const before = this.#runs.get(row.key)
    if (before === undefined) return this.#report('STORE', `a job's run ${row.id} was written before it was made`)
    const isStep = before.status === 'queued' || (before.status === 'running' && isOver(row))
    if (!isStep) this.#report('I19', `run ${row.id} of a job is ${before.status}, and is made ${row.status}`)
    this.#fileRun(row)
    touched.add(row.job)
  }

  #fileRun(row: JobRunRow): void {
    this.#runs.set(row.key, row)
    const live = this.#live.get(row.job) ?? new Set()
    this.#live.set(row.job, live)
    if (isOver(row)) live.delete(row.key)
    else live.add(row.key)
    if (isOver(row)) this.#checkResult(row)
  }

  /** What a run says of its call is what the target has seen of it. */
  #checkResult({ id, status, httpStatus, errorCode }: JobRunRow): void {
    const sent = this.#sent.get(id)
    if (status === 'skipped' && sent !== undefined) this.#report('I19', `run ${id} of a job was skipped and sent`)
    const isAnswered = httpStatus !== null
    if (isAnswered && sent?.status !== httpStatus)
      this.#report('I19', `run ${id} of a job was answered ${httpStatus}, and its target answered ${sent?.status}`)
    if (status === 'success' && !isAnswered) this.#report('I19', `run ${id} of a job went well without an answer`)
    if (status === 'failure' && errorCode === null) this.#report('I19', `run ${id} of a job failed for no reason`)
  }

  #checkJob(key: Key): void {
    const job = this.jobs.get(key)
    if (job === undefined) return this.#report('STORE', `a run of job ${key} was made before the job`)
    const live = [...(this.#live.get(key) ?? [])]
    if (live.length > 1) this.#report('I19', `job ${job.id} has ${live.length} runs that are not over`)
    if (job.live !== (live[0] ?? null))
      this.#report('I19', `job ${job.id} says that ${job.live} is its live run, and it is ${live[0]}`)
    const [open] = live.map((run) => this.#runs.get(run))
    if (open !== undefined) this.#checkCall(open)
    this.#checkTimer(job)
    const runs = [...this.#runs.values()].filter((run) => run.job === key)
    const count = (status: JobRunRow['status']) => runs.filter((run) => run.status === status).length
    const skips = runs.reduce((sum, run) => sum + run.skipSlots, 0)
    if (job.successes !== count('success') || job.failures !== count('failure') || job.skips !== skips)
      this.#report('I19', `job ${job.id} counts ${job.successes}, ${job.failures}, ${job.skips}; its runs are others`)
  }

  /** Whatever is not over has something that will end it. */
  #checkCall(run: JobRunRow): void {
    const item = this.#itemNamed(`jobRun:${run.id}`)
    if (item === undefined) this.#report('I2', `run ${run.id} of a job is ${run.status}, and nothing will end it`)
    else if (run.status === 'queued' && item.state !== 'ready')
      this.#report('I19', `run ${run.id} of a job is queued, and its call is ${item.state}`)
  }

  #checkTimer(job: JobRow): void {
    const timer = this.#itemNamed(`job:${job.id}`)
    const isDue = job.enabled && job.deletedAt === null
    if (isDue !== (job.nextAt !== null)) this.#report('I19', `job ${job.id} is not as its next slot is`)
    if ((timer?.due ?? null) !== job.nextAt || (timer !== undefined && timer.state !== 'sleeping'))
      this.#report('I19', `job ${job.id} is due at ${job.nextAt}, and its timer is ${timer?.state} till ${timer?.due}`)
  }

  #itemNamed(name: string) {
    for (const item of this.#mirror.items.values()) if (item.run === null && item.step === name) return item
    return undefined
  }

  /** Where the timer went on by itself, every slot on its way is accounted for in the same operation. */
  #checkSlots(
    before: JobRow,
    job: JobRow | undefined,
    { changes, now }: { readonly changes: readonly Change[]; readonly now: number },
  ): void {
    const records = changes.flatMap((change) => {
      const isRecord = 'put' in change && change.put === 'jobRun' && change.row.trigger === 'schedule'
      return isRecord && change.row.job === before.key ? [change.row] : []
    })
    if (job === undefined) return
    const hasFired = job.nextAt !== before.nextAt && job.schedule === before.schedule && job.enabled && before.enabled
    const slots =
      hasFired && before.nextAt !== null && job.nextAt !== null ? between(job, before.nextAt, job.nextAt) : []
    const told = records.reduce((sum, { skipSlots }) => sum + Math.max(1, skipSlots), 0)
    if (told !== slots.length)
      this.#report('I19', `job ${job.id} went on over ${slots.length} slots, and ${told} are recorded`)
    for (const { scheduledAt } of records) {
      if (!slots.includes(scheduledAt)) this.#report('I19', `job ${job.id} has no slot at ${scheduledAt}`)
      if (scheduledAt > now) this.#report('EARLY', `the slot ${scheduledAt} of job ${job.id} was begun at ${now}`)
    }
  }

  /** The world has come to rest. */
  checkEnd(): void {
    for (const run of this.#runs.values()) {
      if (!isOver(run)) this.#report('I19', `run ${run.id} of a job is ${run.status} for ever`)
      const count = this.#sent.get(run.id)?.count ?? 0
      const isAnswered = run.httpStatus !== null
      if (isAnswered && count !== 1) this.#report('I19', `run ${run.id} of a job was answered, and sent ${count} times`)
    }
  }
}

function isOver({ status }: JobRunRow): boolean {
  return status !== 'queued' && status !== 'running'
}

/** Slots from `first`, which is one, to before `until`. */
function between(job: JobRow, first: number, until: number): readonly number[] {
  const schedule = JSON.parse(job.schedule) as JobSchedule
  const slots: number[] = []
  for (let slot = first; slot < until && slots.length < 10_000; slot = nextSlot(schedule, slot)) slots.push(slot)
  return slots
}
