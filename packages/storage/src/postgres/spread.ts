// Servers that wait for the same thing wait differently long, so that they do not meet again.

/** A factor of one half to one and a half. */
export function spread(): number {
  return 0.5 + Math.random()
}
