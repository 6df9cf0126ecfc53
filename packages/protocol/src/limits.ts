// Limits of the SDK contract that hold on every way in; limits of storage and transport stand with those.
// Each is the default; `raisedTo` is the second figure where an operator may raise it.

/** A limit: its value, its unit, and why it is there. */
export interface Limit {
  readonly value: number
  readonly unit: 'bytes' | 'characters' | 'count' | 'ms' | 's'
  readonly raisedTo?: number
  readonly why: string
}

const KiB = 1024
const MiB = 1024 * KiB
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** All limits of this package, by name. */
export const LIMITS = {
  jsonDepthMax: { value: 64, unit: 'count', why: 'Deeper bodies are made to exhaust a stack, not to be read.' },
  jsonKeysMax: { value: 100_000, unit: 'count', why: 'Bounds the objects that one body can make.' },
  eventBodyBytesMax: { value: 8 * MiB, unit: 'bytes', raisedTo: 16 * MiB, why: 'Bounds the work between two turns.' },
  eventBytesMax: { value: 3 * MiB, unit: 'bytes', why: 'An event has to fit into a call with room for results.' },
  eventsMax: { value: 5000, unit: 'count', why: 'One request is one commit.' },
  eventNameCharactersMax: { value: 512, unit: 'characters', why: 'Names are index keys.' },
  eventIdCharactersMax: { value: 256, unit: 'characters', why: 'Idempotency keys are index keys.' },
  eventTsMin: {
    value: 315_532_800_000,
    unit: 'ms',
    why: '1980-01-01: anything earlier is seconds sent as milliseconds.',
  },
  eventTsMax: { value: 4_102_444_800_000, unit: 'ms', why: '2100-01-01: anything later is a unit sent wrongly.' },
  eventMetaBytesMax: { value: 32 * KiB, unit: 'bytes', why: 'Meta is copied to every event of a run.' },
  eventSessionsMax: { value: 5, unit: 'count', why: 'Sessions are indexed.' },
  sessionKeyBytesMax: { value: 128, unit: 'bytes', why: 'Sessions are indexed.' },
  sessionIdBytesMax: { value: 512, unit: 'bytes', why: 'Sessions are indexed.' },
  triggerNameCharactersMax: { value: 255, unit: 'characters', why: 'Trigger names are index keys.' },
  cronCharactersMax: { value: 255, unit: 'characters', why: 'No schedule needs more.' },
  jitterMsMin: { value: SECOND, unit: 'ms', why: 'Less moves nothing.' },
  jitterMsMax: { value: 5 * MINUTE, unit: 'ms', why: 'A tick stays near its nominal time.' },
  appNameCharactersMax: { value: 255, unit: 'characters', why: 'Names are index keys.' },
  slugCharactersMax: { value: 255, unit: 'characters', why: 'Slugs are index keys.' },
  functionsMax: { value: 1000, unit: 'count', why: 'A sync is one transaction.' },
  triggersMax: { value: 10, unit: 'count', why: 'Every trigger is matched for every event of its name.' },
  concurrencyMax: { value: 2, unit: 'count', why: 'Every limit is locked by every call.' },
  cancelMax: { value: 5, unit: 'count', why: 'Every rule is a wait of every run.' },
  cancelTimeoutMsMax: { value: 365 * DAY, unit: 'ms', why: 'Waits end.' },
  retriesMax: { value: 20, unit: 'count', why: 'More are clamped.' },
  retriesDefault: { value: 4, unit: 'count', why: 'Five attempts, as the SDKs document.' },
  throttlePeriodMsMin: { value: SECOND, unit: 'ms', why: 'Below the grain of a start.' },
  throttlePeriodMsMax: { value: 7 * DAY, unit: 'ms', why: 'As documented for the SDKs.' },
  rateLimitPeriodMsMin: { value: SECOND, unit: 'ms', why: 'Below the grain of a start.' },
  rateLimitPeriodMsMax: { value: 24 * HOUR, unit: 'ms', why: 'Admitted events are remembered for one period.' },
  idempotencyMs: { value: 24 * HOUR, unit: 'ms', why: 'How long a repeat is recognised.' },
  debouncePeriodMsMin: { value: SECOND, unit: 'ms', why: 'As documented for the SDKs.' },
  debouncePeriodMsMax: { value: 7 * DAY, unit: 'ms', why: 'As documented for the SDKs.' },
  batchSizeMin: { value: 2, unit: 'count', why: 'A batch of one is no batch.' },
  batchSizeMax: { value: 100, unit: 'count', why: 'All events of a batch go into one call.' },
  batchTimeoutMsMin: { value: SECOND, unit: 'ms', why: 'As documented for the SDKs.' },
  batchTimeoutMsMax: { value: 10 * MINUTE, unit: 'ms', why: 'Events of an open batch are held back.' },
  batchTimeoutMsDefault: { value: MINUTE, unit: 'ms', why: 'As documented for the SDKs.' },
  waitMsMax: { value: 366 * DAY, unit: 'ms', why: 'Sleeps, waits and invokes end.' },
  retryAfterMsMin: { value: SECOND, unit: 'ms', why: 'Clamped.' },
  retryAfterMsMax: { value: 24 * HOUR, unit: 'ms', why: 'Clamped.' },
  answerBytesMax: { value: 8 * MiB, unit: 'bytes', why: 'A step input and a step output.' },
  answerQuoteBytesMax: { value: 8 * KiB, unit: 'bytes', why: 'As much of a foreign answer as helps to recognise it.' },
  stepOutputBytesMax: { value: 4 * MiB, unit: 'bytes', why: 'Results are sent again with every call.' },
  stepInputBytesMax: { value: 4 * MiB, unit: 'bytes', why: 'As a step output.' },
  callBytesMax: { value: 4 * MiB, unit: 'bytes', why: 'Larger state is fetched by the SDK.' },
  stateBytesMax: { value: 32 * MiB, unit: 'bytes', why: 'Events and results of one run are held in memory.' },
  stepsMax: { value: 1000, unit: 'count', raisedTo: 10_000, why: 'Every call names every step that ended.' },
  opcodesMax: { value: 10_000, unit: 'count', why: 'No run may have more steps.' },
  signatureAgeSecondsMax: { value: 300, unit: 's', why: 'An old signature is a replay.' },
} as const satisfies Record<string, Limit>
