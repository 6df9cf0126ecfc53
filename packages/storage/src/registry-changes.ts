// Which operations change the registry. Writer and databases must agree, for both count its version: once for each
// operation, however many rows it changes.
import type { Change } from './contract/changes.ts'

/** Whether the changes of one operation raise the registry's version. A reset does: it forgets the wait paths. */
export function raisesRegistry(changes: readonly Change[]): boolean {
  for (const change of changes) {
    if ('put' in change) {
      const { put } = change
      if (put === 'app' || put === 'function' || put === 'functionVersion' || put === 'waitPath') return true
    } else if ('set' in change) {
      if (change.set === 'app' || change.set === 'function') return true
    } else if ('end' in change && change.end === 'everything') return true
  }
  return false
}
