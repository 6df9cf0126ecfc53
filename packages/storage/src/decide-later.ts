// Thrown by facts through a `decide` whose answer depends on what an earlier operation of the same group has done and
// cannot be told before that is committed. The writer decides the operation again, first in the next group.

export const DECIDE_LATER = Symbol('decide later')
