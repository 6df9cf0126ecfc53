// Reads the command line of the bench into one frozen record; everything else gets its values from here.
// An unknown mode, flag, part or trial is an error that names what there is.

import { parseArgs } from 'node:util'
import type { DatabaseName } from './stand/place.ts'

/** What one run of the bench is about; without a name it is `parts`. */
const MODES = ['parts', 'flat', 'fair', 'processes', 'peers', 'exact'] as const
export type Mode = (typeof MODES)[number]

/** The parts that `--only` can name, in the order in which they run. */
const PART_NAMES = ['ceiling', 'sdk', 'null', 'floor', 'fan', 'latency', 'resources'] as const
export type PartName = (typeof PART_NAMES)[number]

/** The trials of `exact`, in the order in which they run. */
const TRIAL_NAMES = [
  'one',
  'five',
  'keyed',
  'two-rules',
  'env',
  'runs',
  'parallel',
  'throttle',
  'rate-limit',
  'debounce',
  'batch',
  'singleton-skip',
  'singleton-cancel',
  'priority',
] as const
export type TrialName = (typeof TRIAL_NAMES)[number]

/** The peers that can be compared with, in the order of the table. */
const PEER_NAMES = ['pg-boss', 'graphile-worker', 'graphile-batched', 'dbos', 'bullmq'] as const
export type PeerName = (typeof PEER_NAMES)[number]

/** What to measure, how often and how long. */
export interface Options {
  readonly mode: Mode
  readonly parts: readonly PartName[]
  readonly trials: readonly TrialName[]
  readonly peers: readonly PeerName[]
  readonly database: DatabaseName
  /** Server processes on one store, in `exact`. */
  readonly processes: number
  readonly rounds: number
  readonly quick: boolean
  readonly json: string | undefined
  readonly server: string
  /** Length of one load, in seconds. */
  readonly loadSeconds: number
  /** How long a load of the SDK app runs before it is measured, in seconds. */
  readonly rampSeconds: number
  /** Sleeping runs that `flat` stores; a tenth as many are blocked, and as many wait for an event. */
  readonly stored: number
  /** Runs of the noisy function in `fair`. */
  readonly noise: number
  /** Runs of each trial in `exact`. */
  readonly runs: number
}

/** The server under test as it stands in this repository. */
const SERVER_FROM_SOURCE = 'node packages/cli/src/main.ts'

export const USAGE = `npm run bench -- [mode] [options]

modes
  (none)              cost of steps, runs, checkpoints, fan-out; beside the floor and the ceiling
  flat                a store full of sleeping, blocked and waiting runs against an empty one
  fair                1,000 keys of limit 1; a function beside a noisy one
  processes           1, 2 and 4 server processes on one PostgreSQL, beside the floor
  peers               pg-boss, graphile-worker, DBOS and BullMQ on the same work (npm ci --prefix bench/peers)
  exact               every flow control under a saturating load, counted by the app; exit code 1 when one does not hold

options
  --database NAME     sqlite (default) or postgres
  --only name,name    parts (${PART_NAMES.join(', ')}),
                      trials of exact (${TRIAL_NAMES.join(', ')}),
                      or peers (${PEER_NAMES.join(', ')})
  --processes N       exact: server processes on one PostgreSQL; with more than one, one is killed and one stopped meanwhile
  --rounds N          rounds, 1 to 50 (default 3; with --quick 1)
  --quick             one short round: to see that everything works, not to compare
  --json FILE         also write every sample, median and ratio to FILE
  --server 'command'  the server to measure (default: ${SERVER_FROM_SOURCE})
                      started as: command dev --port N --no-discovery --sqlite-dir DIR (or --postgres-uri URL)
  --stored N          flat: sleeping runs stored (default 1000000; with --quick 5000); blocked and waiting: a tenth
  --noise N           fair: runs of the noisy function (default 50000; with --quick 1000)
  --runs N            exact: runs of each trial (default 2000; with --quick 200)
`

/** Parses the arguments after the script's name; throws an Error with a sentence for a person. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      database: { type: 'string', default: 'sqlite' },
      processes: { type: 'string', default: '1' },
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      server: { type: 'string', default: SERVER_FROM_SOURCE },
      stored: { type: 'string' },
      noise: { type: 'string' },
      runs: { type: 'string' },
    },
  })
  const { quick } = values
  const mode = oneOf('mode', positionals[0] ?? 'parts', MODES)
  const only = <T extends string>(in_: Mode, what: string, known: readonly T[]): readonly T[] =>
    values.only === undefined || mode !== in_ ? known : values.only.split(',').map((text) => oneOf(what, text, known))
  const count = (flag: string, text: string | undefined, [usual, short, max]: readonly [number, number, number]) =>
    wholeNumber(flag, text ?? String(quick ? short : usual), max)
  const options: Options = {
    mode,
    parts: only('parts', '--only: part', PART_NAMES),
    trials: only('exact', '--only: trial', TRIAL_NAMES),
    peers: only('peers', '--only: peer', PEER_NAMES),
    database: oneOf('--database', values.database, ['sqlite', 'postgres']),
    processes: wholeNumber('--processes', values.processes, 8),
    rounds: count('--rounds', values.rounds, [3, 1, 50]),
    quick,
    json: values.json,
    server: values.server,
    loadSeconds: quick ? 1 : 2,
    rampSeconds: quick ? 0.3 : 0.8,
    stored: count('--stored', values.stored, [1_000_000, 5_000, 10_000_000]),
    noise: count('--noise', values.noise, [50_000, 1_000, 1_000_000]),
    runs: count('--runs', values.runs, [2_000, 200, 100_000]),
  }
  if (options.processes > 1 && options.database === 'sqlite')
    throw new Error('--processes: several processes need --database postgres')
  return Object.freeze(options)
}

function oneOf<T extends string>(what: string, text: string, known: readonly T[]): T {
  const name = known.find((one) => one === text.trim())
  if (name === undefined) throw new Error(`${what} "${text}": there is none; there are ${known.join(', ')}`)
  return name
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > max) throw new Error(`${flag} takes 1 to ${max}, not "${text}"`)
  return value
}
