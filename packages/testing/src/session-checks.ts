// Sessions, looked at in each committed state: items are numbered without a gap, names stand for one thing, a request leaves
// `pending` once (I18) and is told of in the very commit that decides it, and whatever is pending has a deadline that will come.
import type { Change, Key, RequestRow, SessionRow } from '@pawl/storage'
import type { Mirror } from './mirror.ts'
import { RESOLVED_EVENT } from './people.ts'
import type { Report } from './violation.ts'

export class SessionChecks {
  readonly #mirror: Mirror
  readonly #report: Report
  readonly #names = new Set<string>()
  /** Requests that the operation which is taken over resolves. */
  #resolved: RequestRow[] = []
  /** How often each request was told of. */
  readonly #told = new Map<string, number>()

  constructor(mirror: Mirror, report: Report) {
    this.#mirror = mirror
    this.#report = report
  }

  /** A change is about to be taken over. */
  before(change: Change): void {
    if ('put' in change && change.put === 'session') this.#takeName(`session ${change.row.name}`)
    if ('put' in change && change.put === 'sessionItem') {
      const { session, seq, name } = change.row
      const count = this.#mirror.sessionItems.get(session)?.length ?? 0
      if (seq !== count + 1) this.#report('SESSION', `item ${seq} of session ${session} comes after ${count}`)
      if (name !== null) this.#takeName(`item ${session} ${name}`)
    }
    if ('put' in change && change.put === 'request') {
      this.#takeName(`request ${change.row.session} ${change.row.name}`)
      if (change.row.status !== 'pending') this.#report('I18', `request ${change.row.id} was made ${change.row.status}`)
    }
    if ('set' in change && change.set === 'request') this.#decide(change.row)
  }

  #takeName(name: string): void {
    if (this.#names.has(name)) this.#report('SESSION', `there are two of ${name}`)
    this.#names.add(name)
  }

  #decide(row: RequestRow): void {
    const before = this.#mirror.requests.get(row.key)
    if (before === undefined) return this.#report('STORE', `request ${row.id} was written before it was made`)
    if (before.status !== 'pending')
      this.#report('I18', `request ${row.id}, which is ${before.status}, is made ${row.status}`)
    if (row.status !== 'pending') this.#resolved.push(row)
  }

  /** An operation was taken over. */
  after(changes: readonly Change[]): void {
    const resolved = this.#resolved
    this.#resolved = []
    const told = changes.flatMap(toldRequest)
    for (const id of told) this.#told.set(id, (this.#told.get(id) ?? 0) + 1)
    if (told.join() !== resolved.map(({ id }) => id).join())
      this.#report('I18', `requests ${resolved.map(({ id }) => id)} were resolved, and ${told} were told of`)
    for (const row of resolved) this.#checkResolved(row)
    for (const key of touchedSessions(changes)) this.#checkSession(key)
  }

  #checkResolved(row: RequestRow): void {
    if (this.#itemNamed(`request:${row.id}`))
      this.#report('I18', `request ${row.id} is ${row.status}, and has a deadline`)
    if ((row.callbackUrl !== null) !== this.#itemNamed(`callback:${row.id}`))
      this.#report('I18', `request ${row.id} is ${row.status}, and its callback is not as it asked`)
  }

  #checkSession(key: Key): void {
    const { sessions, sessionItems, requests } = this.#mirror
    const row = sessions.get(key)
    if (row === undefined) return this.#report('STORE', `session ${key} was written to before it was made`)
    const items = sessionItems.get(key)?.length ?? 0
    if (row.items !== items) this.#report('SESSION', `session ${row.id} counts ${row.items} items and has ${items}`)
    const pending = [...requests.values()].filter((request) => request.session === key && request.status === 'pending')
    this.#checkPending(row, pending)
  }

  #checkPending(row: SessionRow, pending: readonly RequestRow[]): void {
    if (row.pending !== pending.length)
      this.#report('SESSION', `session ${row.id} counts ${row.pending} pending requests and has ${pending.length}`)
    if (row.endedAt !== null && pending.length > 0)
      this.#report('I18', `session ${row.id} is ${row.status} and has pending requests`)
    for (const { id } of pending)
      if (!this.#itemNamed(`request:${id}`)) this.#report('I2', `request ${id} is pending, and nothing will end it`)
  }

  #itemNamed(name: string): boolean {
    for (const item of this.#mirror.items.values()) if (item.step === name && item.run === null) return true
    return false
  }

  /** The world has come to rest: what was asked is decided, and was told once. */
  checkEnd(): void {
    for (const { id, status } of this.#mirror.requests.values()) {
      if (status === 'pending') this.#report('I18', `request ${id} is pending for ever`)
      else if (this.#told.get(id) !== 1)
        this.#report('I18', `request ${id} is ${status}, and was told of ${this.#told.get(id) ?? 0} times`)
    }
  }
}

function toldRequest(change: Change): readonly string[] {
  if (!('put' in change) || change.put !== 'event' || change.row.name !== RESOLVED_EVENT) return []
  const { data } = JSON.parse(change.body ?? '{"data":{}}') as { data: { requestId?: string } }
  return [data.requestId ?? 'nobody']
}

function touchedSessions(changes: readonly Change[]): ReadonlySet<Key> {
  const keys = new Set<Key>()
  for (const change of changes) {
    if ('put' in change && change.put === 'session') keys.add(change.row.key)
    if ('put' in change && (change.put === 'sessionItem' || change.put === 'request')) keys.add(change.row.session)
    if ('set' in change && change.set === 'session') keys.add(change.row.key)
    if ('set' in change && change.set === 'request') keys.add(change.row.session)
  }
  return keys
}
