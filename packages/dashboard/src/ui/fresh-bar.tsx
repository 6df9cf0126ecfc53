// The bar behind which new rows wait while somebody reads. It says how many, puts them in when asked, and tells screen
// readers without stealing the focus.

import { ArrowUp } from 'lucide-react'
import { useEffect } from 'react'
import { announce } from './announce.tsx'
import { Kbd } from './kbd.tsx'
import { useCommands } from './use-keys.ts'

export interface FreshBarProps {
  readonly count: number
  readonly isMore?: boolean
  /** "12 new runs", from the screen's messages; the count may be 0 when only `isMore` is known. */
  readonly text: string
  readonly onShow: () => void
}

/** Nothing while there is nothing new. */
export function FreshBar({ count, isMore = false, text, onShow }: FreshBarProps) {
  const isShown = count > 0 || isMore
  useEffect(() => {
    if (isShown) announce(text)
  }, [isShown, text])
  useCommands([{ label: text, keys: '.', isOn: isShown, isKeyOnly: true, run: onShow }])
  if (!isShown) return null
  return (
    <button
      type="button"
      onClick={onShow}
      className="flex h-7 w-full shrink-0 items-center justify-center gap-1.5 border-border border-b bg-selected font-medium text-accent-text text-xs outline-offset-[-2px] hover:underline"
    >
      <ArrowUp size={13} aria-hidden />
      {text}
      <Kbd keys="." />
    </button>
  )
}
