// A configuration in plain words: one sentence for each thing that it says, with the piece of the configuration that says
// it beside it. Pure. Two versions are compared by their sentences, so that a difference reads as what it means.

import type { Fn, FnVersion, FunctionConfiguration } from '../../api/types.ts'
import { messages } from './messages.ts'

const t = messages.configuration

/** Plain words, or a piece of code. */
export type WordPart = string | { readonly code: string }

export interface ConfigSentence {
  /** Where it stands in the configuration, such as `concurrency[0]`. */
  readonly path: string
  readonly parts: readonly WordPart[]
  /** The piece as JSON. */
  readonly source: string
}

export type Configured = Pick<FnVersion, 'configuration'> & {
  readonly triggers?: Fn['triggers'] | undefined
  readonly failureHandler?: Fn['failureHandler'] | undefined
}

/** Everything that a configuration says: what starts it, what holds it back, what ends it. */
export function configSentences({
  configuration,
  triggers = [],
  failureHandler,
}: Configured): readonly ConfigSentence[] {
  return [
    ...triggerSentences(triggers),
    ...startSentences(configuration),
    ...limitSentences(configuration),
    ...endSentences(configuration),
    ...(failureHandler === undefined
      ? []
      : [sentence('failureHandler', [t.onFailure, { code: failureHandler.slug }], failureHandler)]),
  ]
}

function triggerSentences(triggers: NonNullable<Fn['triggers']>): readonly ConfigSentence[] {
  if (triggers.length === 0) return [sentence('triggers', [t.onlyInvoked], [])]
  return triggers.map((trigger, index) => {
    const parts: readonly WordPart[] =
      trigger.type === 'CRON'
        ? [t.runsAt, { code: trigger.value }]
        : [t.runsOn, { code: trigger.value }, ...conditionParts(trigger.if)]
    return sentence(`triggers[${index}]`, parts, trigger)
  })
}

/** What becomes of events before there is a run. */
function startSentences(config: FunctionConfiguration): readonly ConfigSentence[] {
  const { idempotency, rateLimit, debounce, eventsBatch, singleton } = config
  return [
    idempotency !== undefined && sentence('idempotency', [t.idempotency, { code: idempotency }], idempotency),
    // The promise of idempotency is kept by a rate limit of one a day: it would say the same twice.
    rateLimit !== undefined &&
      idempotency === undefined &&
      sentence(
        'rateLimit',
        [t.rateLimit(rateLimit.limit, rateLimit.period), ...keyParts(rateLimit.key), t.rateLimitRest],
        rateLimit,
      ),
    debounce !== undefined &&
      sentence(
        'debounce',
        [
          t.debounce(debounce.period),
          ...keyParts(debounce.key),
          ...(debounce.timeout === undefined ? [] : [t.debounceMax(debounce.timeout)]),
        ],
        debounce,
      ),
    eventsBatch !== undefined &&
      sentence(
        'eventsBatch',
        [t.batch(eventsBatch.maxSize, eventsBatch.timeout), ...keyParts(eventsBatch.key)],
        eventsBatch,
      ),
    singleton !== undefined &&
      sentence('singleton', [t.singleton, ...keyParts(singleton.key), t.singletonRest[singleton.mode]], singleton),
  ].filter((each) => each !== false)
}

function limitSentences({ concurrency = [], throttle, priority }: FunctionConfiguration): readonly ConfigSentence[] {
  return [
    ...concurrency.map((rule, index) =>
      sentence(
        `concurrency[${index}]`,
        rule.limit.value === 0
          ? [t.noLimit]
          : [t.atMost(rule.limit.value), ...keyParts(rule.key), t.scope[rule.scope]].filter((part) => part !== ''),
        { limit: rule.limit.value, scope: rule.scope, ...(rule.key === undefined ? {} : { key: rule.key }) },
      ),
    ),
    ...(throttle === undefined
      ? []
      : [
          sentence(
            'throttle',
            [
              t.throttle(throttle.limit, throttle.period),
              ...keyParts(throttle.key),
              // A burst of one is what a throttle has without any.
              ...(throttle.burst > 1 ? [t.burst(throttle.burst)] : []),
              t.throttleRest,
            ],
            throttle,
          ),
        ]),
    ...(priority === undefined ? [] : [sentence('priority', [t.priority, { code: priority }], priority)]),
  ]
}

function endSentences({ retries, timeouts, cancellations = [] }: FunctionConfiguration): readonly ConfigSentence[] {
  return [
    sentence(
      'retries',
      [retries.value === 0 ? t.noRetries : t.retries(retries.value), ...(retries.isDefault ? [t.isDefault] : [])],
      retries.value,
    ),
    ...(timeouts?.start === undefined
      ? []
      : [sentence('timeouts.start', [t.startTimeout(timeouts.start)], timeouts.start)]),
    ...(timeouts?.finish === undefined
      ? []
      : [sentence('timeouts.finish', [t.finishTimeout(timeouts.finish)], timeouts.finish)]),
    ...cancellations.map((rule, index) =>
      sentence(
        `cancellations[${index}]`,
        [
          t.cancelledBy,
          { code: rule.event },
          ...conditionParts(rule.condition),
          ...(rule.timeout === undefined ? [] : [t.within(rule.timeout)]),
        ],
        rule,
      ),
    ),
  ]
}

function keyParts(key: string | undefined): readonly WordPart[] {
  return key === undefined ? [] : [t.per, { code: key }]
}

function conditionParts(condition: string | undefined): readonly WordPart[] {
  return condition === undefined ? [] : [t.when, { code: condition }]
}

function sentence(path: string, parts: readonly WordPart[], source: unknown): ConfigSentence {
  return { path, parts, source: spacedJson(source) }
}

/** JSON in one line that can break between its parts. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return fields.length === 0
    ? '{}'
    : `{ ${fields.map(([name, field]) => `${JSON.stringify(name)}: ${spacedJson(field)}`).join(', ')} }`
}

/** A sentence without its looks. */
export function plainWords(parts: readonly WordPart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.code)).join('')
}

export interface ConfigChange {
  readonly added: readonly ConfigSentence[]
  readonly removed: readonly ConfigSentence[]
}

/** What a version says that the one before did not, and the other way round. */
export function configChange(now: Configured, before: Configured): ConfigChange {
  const after = configSentences(now)
  const earlier = configSentences(before)
  return { added: missingIn(after, earlier), removed: missingIn(earlier, after) }
}

function missingIn(these: readonly ConfigSentence[], those: readonly ConfigSentence[]): readonly ConfigSentence[] {
  const said = new Set(those.map(({ parts }) => plainWords(parts)))
  return these.filter(({ parts }) => !said.has(plainWords(parts)))
}
