// Keys as they are printed on the keyboard. Shown in tooltips, menus and the list of keys; read as one text.

import { readKeys } from './keys.ts'

/** Whether the keyboard is a Mac's, for the signs on it. */
export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

/** A shortcut such as `mod+k` or `g r`. */
export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      {readKeys(keys, isMac).map((key, index) =>
        key === 'then' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the keys of a shortcut have no other identity.
          <span key={index} className="px-0.5 text-2xs text-muted">
            {key}
          </span>
        ) : (
          <kbd
            // biome-ignore lint/suspicious/noArrayIndexKey: as above.
            key={index}
            className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border border-border-strong bg-sunken px-1 font-sans text-2xs text-muted"
          >
            {key}
          </kbd>
        ),
      )}
    </span>
  )
}
