// Joins class names. Nothing else: the kit never needs to resolve conflicts between utilities, because variants are
// tables of whole class strings.

/** The names that are neither false nor empty, with a space between. */
export function cx(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
