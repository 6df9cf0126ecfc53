// Light or dark: the stored choice, or the system's while it says so. `theme-boot.js` applies it before the first paint;
// from then on this file does, and it reads the same key.

import { oneOf, preference, usePreference } from '../ui/index.ts'

export type Theme = 'system' | 'light' | 'dark'

export const themePreference = preference<Theme>('theme', 'system', oneOf('system', 'light', 'dark'))

/** Keeps the page's theme true to the choice and to the system; returns what stops it. */
export function watchTheme(): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const theme = themePreference.get()
    document.documentElement.dataset.theme =
      theme === 'dark' || (theme === 'system' && system.matches) ? 'dark' : 'light'
    window.dispatchEvent(new Event('pawl:theme'))
  }
  system.addEventListener('change', apply)
  const unsubscribe = themePreference.subscribe(apply)
  apply()
  return () => {
    system.removeEventListener('change', apply)
    unsubscribe()
  }
}

export function useTheme() {
  return usePreference(themePreference)
}
