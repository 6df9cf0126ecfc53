// Whether the page is too narrow for a list with a panel beside it: then the panel takes the list's place.

import { useSyncExternalStore } from 'react'

/** Below this a list and a panel do not fit side by side. The sidebar is a drawer then, and takes no room. */
const QUERY = '(max-width: 759px)'

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(QUERY).matches)
}

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(QUERY)
  media.addEventListener('change', listener)
  return () => media.removeEventListener('change', listener)
}
