// What the model says of a change that does not fit what is stored, as the unique indexes and conditions of a real database
// say it. Whoever calls takes the whole group back.

export function misfit(says: string): Error {
  return new Error(`A change does not fit what is stored: ${says}`)
}

export function refuse(isRefused: boolean, says: string): void {
  if (isRefused) throw misfit(says)
}
