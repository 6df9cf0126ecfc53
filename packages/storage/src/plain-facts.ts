// Facts of a group that asked for nothing: the time, the registry's version as last known, and keys. One object serves
// every such group, for most groups of a busy server are of this kind.
import type { Key } from './contract/rows.ts'
import type { Facts, LimitState } from './contract/store.ts'

export class PlainFacts implements Facts {
  now = 0
  registryVersion = 0
  readonly key: () => Key

  constructor(key: () => Key) {
    this.key = key
  }

  event = notAsked
  idempotency = notAsked
  signal = notAsked
  waits = notAsked
  since = notAsked
  ready = notAsked
  backlog = notAsked
  run = notAsked
  item = notAsked
  hasMemo = notAsked
  itemOf = notAsked
  itemsOf = notAsked
  waitOf = notAsked
  named = notAsked
  line = notAsked
  window = notAsked
  singleton = notAsked
  job = notAsked
  jobById = notAsked
  jobRun = notAsked
  jobRunById = notAsked
  session = notAsked
  sessionNamed = notAsked
  sessionItem = notAsked
  request = notAsked
  requestById = notAsked
  requestNamed = notAsked
  pendingOf = notAsked
  crons = notAsked
  apps = notAsked
  functions = notAsked
  expired = notAsked

  limit(): LimitState | undefined {
    return undefined
  }
}

function notAsked(): never {
  throw new Error('An operation without needs asked for facts')
}
