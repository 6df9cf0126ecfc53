// What of the run view the address keeps on the page, and the panel keeps for itself: the chosen step, tabs, zoom, search.

import type { RunSearch } from './search.ts'

export interface RunState {
  readonly search: RunSearch
  /** `undefined` takes a value away. A change of what is open can be gone back from, one of zoom or search cannot. */
  readonly change: (patch: RunPatch, how?: { readonly isStep?: boolean }) => void
}

export type RunPatch = { readonly [Name in keyof RunSearch]?: RunSearch[Name] | undefined }
