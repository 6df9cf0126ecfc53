// Rows for the storage tests: whole and plain, each with what the test is about laid over it.
import type {
  AppRow,
  BulkRow,
  EventRow,
  FunctionRow,
  HistoryRow,
  ItemRow,
  Key,
  RunRow,
  RunState,
  StepRow,
  SyncRow,
  WaitRow,
} from '../contract/rows.ts'

/** 2026-01-01T00:00:00Z: the tests' clock begins here. */
export const START = 1_767_225_600_000

/** A step's hash made of one digit. */
export function hash(digit: string): string {
  return digit.repeat(40)
}

export function anApp(over: Partial<AppRow> & { readonly key: Key }): AppRow {
  return {
    name: `app-${over.key}`,
    url: 'http://127.0.0.1:3000/api/inngest',
    sdkLanguage: 'js',
    sdkVersion: '4.0.0',
    framework: 'hono',
    platform: '',
    appVersion: '',
    checksum: 'ab12',
    errorCode: null,
    errorMessage: null,
    createdAt: START,
    syncedAt: START,
    archivedAt: null,
    pause: null,
    ...over,
  }
}

export function aFunction(over: Partial<FunctionRow> & { readonly key: Key; readonly app: Key }): FunctionRow {
  return {
    slug: `fn-${over.key}`,
    name: 'A function',
    config: '{"triggers":[]}',
    version: 1,
    stepsMax: null,
    stateBytesMax: null,
    createdAt: START,
    archivedAt: null,
    pause: null,
    ...over,
  }
}

export function anEvent(over: Partial<EventRow> & { readonly key: Key }): EventRow {
  const id = `01EVENT${String(over.key).padStart(19, '0')}`
  return { id, eventId: id, name: 'shop/order', ts: START, receivedAt: START, isRepeat: false, ofRun: null, ...over }
}

export const NEW_RUN: RunState = {
  status: 'scheduled',
  rev: 1,
  startedAt: null,
  endedAt: null,
  stack: 0,
  history: 0,
  steps: 0,
  bytes: 0,
  open: 0,
  racing: 0,
  waits: 0,
  version: -1,
  forcePlan: false,
  finishEvent: null,
  retries: 0,
}

export function aRun(over: Partial<RunRow> & { readonly key: Key }): RunRow {
  return {
    id: `01RUN${String(over.key).padStart(21, '0')}`,
    app: 1,
    fn: 1,
    fnVersion: 1,
    event: 0,
    queuedAt: START,
    cron: null,
    original: null,
    parentRun: null,
    parentStep: null,
    correlation: null,
    quiet: false,
    rank: over.queuedAt ?? START,
    flow: null,
    singleton: null,
    batch: null,
    skipped: null,
    bulk: null,
    ...NEW_RUN,
    ...over,
  }
}

/** The run's changing part, one revision on. */
export function nextState(row: RunRow, over: Partial<RunState> = {}): RunState {
  const { status, rev, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version } = row
  const { forcePlan, finishEvent, retries } = row
  const state = { status, startedAt, endedAt, stack, history, steps, bytes, open, racing, waits, version }
  return { ...state, forcePlan, finishEvent, retries, rev: rev + 1, ...over }
}

export function anItem(over: Partial<ItemRow> & { readonly key: Key }): ItemRow {
  return {
    run: null,
    fn: 1,
    step: '',
    kind: 'call',
    state: 'ready',
    due: START,
    rank: over.due ?? START,
    limits: [],
    holds: false,
    line: null,
    attempt: 0,
    claims: 0,
    epoch: 0,
    owner: 0,
    startedAt: null,
    queuedAt: START,
    again: false,
    race: false,
    detail: null,
    ...over,
  }
}

export function aStep(over: Partial<StepRow> & { readonly run: Key }): StepRow {
  return { step: hash('a'), position: 0, memo: '{"data":1}', input: null, ...over }
}

export function aHistoryRow(over: Partial<HistoryRow> & { readonly run: Key }): HistoryRow {
  return {
    seq: 1,
    kind: 'step',
    status: 'completed',
    step: hash('a'),
    name: 'a step',
    stepKind: 'run',
    attempt: 0,
    queuedAt: START,
    startedAt: START,
    endedAt: START,
    detail: null,
    ...over,
  }
}

export function aWait(over: Partial<WaitRow> & { readonly key: Key; readonly run: Key }): WaitRow {
  return {
    step: hash('a'),
    item: null,
    kind: 'event',
    name: 'shop/paid',
    path: '',
    value: '',
    rest: null,
    until: START + 60_000,
    ...over,
  }
}

export function aBulk(over: Partial<BulkRow> & { readonly key: Key }): BulkRow {
  return {
    id: `01BULK${String(over.key).padStart(20, '0')}`,
    kind: 'cancel',
    fn: 1,
    request: '{}',
    progress: '{"done":0}',
    createdAt: START,
    endedAt: null,
    ...over,
  }
}

export function aSync(over: Partial<SyncRow> & { readonly key: Key; readonly app: Key }): SyncRow {
  return {
    at: START,
    status: 'success',
    errorCode: null,
    errorMessage: null,
    functionCount: 1,
    sdkVersion: '4.0.0',
    appVersion: '',
    detail: null,
    ...over,
  }
}
