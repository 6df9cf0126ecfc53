// Reads the command line of the bench into one frozen record; everything else gets its values from here.
// An unknown flag or part is an error that names what there is.

import { parseArgs } from 'node:util'

/** The parts that `--only` can name, in the order in which they run. */
const PART_NAMES = ['ceiling', 'sdk', 'null', 'floor', 'latency', 'resources'] as const
type PartName = (typeof PART_NAMES)[number]

/** What to measure, how often and how long. */
export interface Options {
  readonly only: readonly PartName[]
  readonly flat: boolean
  readonly rounds: number
  readonly quick: boolean
  readonly json: string | undefined
  readonly server: string
  /** Length of one load, in seconds. */
  readonly loadSeconds: number
  /** How long a load of the SDK app runs before it is measured, in seconds. */
  readonly rampSeconds: number
  /** Sleeping runs and open waits that `--flat` stores, of each. */
  readonly stored: number
}

/** The server under test as it stands in this repository. */
const SERVER_FROM_SOURCE = 'node packages/cli/src/main.ts'

export const USAGE = `npm run bench -- [options]

  --only name,name    parts to run: ${PART_NAMES.join(', ')} (default: all)
  --rounds N          rounds, 1 to 50 (default 3; with --quick 1)
  --quick             one short round: to see that everything works, not to compare
  --json FILE         also write every sample, median and ratio to FILE
  --server 'command'  the server to measure (default: ${SERVER_FROM_SOURCE})
                      started as: command dev --port N --no-discovery --sqlite-dir DIR
  --flat              instead of the parts: a store full of sleeping runs and open waits against an empty one
  --stored N          with --flat: how many of each (default 100000; with --quick 5000)
`

/** Parses the arguments after the script's name; throws an Error with a sentence for a person. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      flat: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      server: { type: 'string', default: SERVER_FROM_SOURCE },
      stored: { type: 'string' },
    },
  })
  return Object.freeze({
    only: values.only === undefined ? PART_NAMES : values.only.split(',').map(partName),
    flat: values.flat,
    rounds: wholeNumber('--rounds', values.rounds ?? (values.quick ? '1' : '3'), 50),
    quick: values.quick,
    json: values.json,
    server: values.server,
    loadSeconds: values.quick ? 1 : 2,
    rampSeconds: values.quick ? 0.3 : 0.8,
    stored: wholeNumber('--stored', values.stored ?? (values.quick ? '5000' : '100000'), 1_000_000),
  })
}

function partName(text: string): PartName {
  const name = PART_NAMES.find((known) => known === text.trim())
  if (name === undefined) throw new Error(`--only: there is no part "${text}"; there are ${PART_NAMES.join(', ')}`)
  return name
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > max) throw new Error(`${flag} takes 1 to ${max}, not "${text}"`)
  return value
}
