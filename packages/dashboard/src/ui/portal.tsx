// Where overlays are put. A dialog of the browser stands above everything in the page's body, so that what opens inside
// a dialog must be put into it; the nearest `PortalHost` says where.

import { createContext, useContext } from 'react'

const PortalContext = createContext<HTMLElement | null>(null)

export const PortalHost = PortalContext.Provider

/** The element that overlays of this place belong into; undefined: the page's body. */
export function usePortalHost(): HTMLElement | undefined {
  return useContext(PortalContext) ?? undefined
}
