// A broken promise of the server, by the name of the invariant. The first one ends its world: what comes after it may only
// follow from it.

export interface Violation {
  /** `I1` to `I21` as in the list of invariants, or what else went wrong. */
  readonly invariant: string
  readonly says: string
}

/** Notes a violation. */
export type Report = (invariant: string, says: string) => void
