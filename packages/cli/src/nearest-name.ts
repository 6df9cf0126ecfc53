// Finds the name that was probably meant. Used wherever an unknown name is refused, so that the refusal can say what to
// write instead.

/** The known name nearest to `wanted`, or undefined when none is near. Near: a third of its letters differ, at most. */
export function nearestName(wanted: string, known: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of known) {
    const distance = editDistance(wanted, name)
    if (best === undefined || distance < best.distance) best = { name, distance }
  }
  const most = Math.max(1, Math.floor(wanted.length / 3))
  return best !== undefined && best.distance <= most ? best.name : undefined
}

/** Letters to insert, remove or replace; one row of the table is kept at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
