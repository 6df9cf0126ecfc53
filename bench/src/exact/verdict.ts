// What a trial comes to: findings that each hold or do not, with the figure that says by how much.

/** One thing that was looked at. */
export interface Finding {
  readonly holds: boolean
  readonly says: string
}

/** A finding that a figure may not pass. */
export function atMost(what: string, figure: number, max: number, digits = 0): Finding {
  return { holds: figure <= max, says: `${what} ${figure.toFixed(digits)} (at most ${max})` }
}

/** A finding that a share must reach. */
export function atLeast(what: string, share: number, min: number): Finding {
  if (Number.isNaN(share)) return { holds: false, says: `${what}: there was too little to judge by` }
  return { holds: share >= min, says: `${what} ${(share * 100).toFixed(1)} % (at least ${min * 100} %)` }
}

/** A finding about what should not be there at all. */
export function none(what: string, found: readonly unknown[]): Finding {
  const first = found.length === 0 ? '' : `, such as ${JSON.stringify(found[0])}`
  return { holds: found.length === 0, says: `${what} ${found.length}${first}` }
}
