// Completion for the search field: which field name is being typed at the cursor, what it may become, and the text after
// one was chosen. Pure.

export interface Completions {
  /** Where the name being typed begins. */
  readonly from: number
  readonly to: number
  readonly options: readonly string[]
}

const OPTIONS_MAX = 12
const NONE = { from: 0, to: 0, options: [] } as const satisfies Completions

/** What runs have beside their events. */
export const RUN_PATHS: readonly string[] = [
  'error.message',
  'error.name',
  'error.stack',
  'output',
  'run.app',
  'run.cron',
  'run.durationMs',
  'run.endedAt',
  'run.eventName',
  'run.function',
  'run.id',
  'run.originalRunId',
  'run.parentRunId',
  'run.queuedAt',
  'run.retryCount',
  'run.startedAt',
  'run.status',
]

/** What every event has. */
export const EVENT_PATHS: readonly string[] = ['event.name', 'event.data', 'event.id', 'event.ts']

/** Field names for the cursor's place, those that begin like what is typed first. */
export function completeQuery(text: string, cursor: number, paths: readonly string[]): Completions {
  const before = text.slice(0, cursor)
  if (isInString(before)) return NONE
  const typed = /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? ''
  if (typed === '')
    return text.trim() === '' ? { from: 0, to: text.length, options: paths.slice(0, OPTIONS_MAX) } : NONE
  const lower = typed.toLowerCase()
  const begins = paths.filter((path) => path.toLowerCase().startsWith(lower) && path !== typed)
  // `tenant` finds `event.data.tenantId`, so that nobody has to know where a field stands.
  const within = typed.includes('.') ? [] : paths.filter((path) => isPartStart(path.toLowerCase(), lower))
  const options = [...new Set([...begins, ...within])].slice(0, OPTIONS_MAX)
  return { from: cursor - typed.length, to: cursor, options }
}

function isPartStart(path: string, typed: string): boolean {
  return path
    .split('.')
    .slice(1)
    .some((part) => part.startsWith(typed))
}

/** Whether a string is open at the end of the text. */
function isInString(text: string): boolean {
  let open = ''
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index)
    if (open !== '' && sign === '\\') index++
    else if (sign === open) open = ''
    else if (open === '' && (sign === '"' || sign === "'")) open = sign
  }
  return open !== ''
}

/** The text with a name put in, and where the cursor stands then. */
export function applyCompletion(text: string, { from, to }: Completions, option: string) {
  return { text: text.slice(0, from) + option + text.slice(to), cursor: from + option.length }
}

/** Paths of events as expressions write them, each once, those of the newest names first. */
export function eventPaths(names: readonly { readonly paths?: readonly string[] | undefined }[]): readonly string[] {
  return [...new Set([...EVENT_PATHS, ...names.flatMap(({ paths = [] }) => paths.map((path) => `event.${path}`))])]
}
