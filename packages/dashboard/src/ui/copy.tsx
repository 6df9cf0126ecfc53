// Copying to the clipboard, and the things one copies: ids, and blocks of code.

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './button.tsx'
import { cx } from './class-names.ts'
import { shortId } from './format.ts'
import { messages } from './messages.ts'
import { toast } from './toasts.tsx'
import { Tooltip } from './tooltip.tsx'

/** Copies a text; says so only when it fails. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    if (copyBySelection(text)) return true
    toast.error(messages.copyFailed)
    return false
  }
}

/** Pages that are not served over TLS have no clipboard interface, but may still copy what is selected. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'sr-only'
  const host = document.querySelector('dialog[open]') ?? document.body
  const focused = document.activeElement
  host.append(area)
  area.select()
  const isDone = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return isDone
}

/** True for a moment after `copy` worked. */
export function useCopy(): readonly [boolean, (text: string) => void] {
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setIsCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [isCopied])
  return [isCopied, (text) => void copyText(text).then(setIsCopied)]
}

/** A button that copies a text. */
export function CopyButton({ text, label = messages.copy }: { readonly text: string; readonly label?: string }) {
  const [isCopied, copy] = useCopy()
  return (
    <IconButton
      size="sm"
      label={isCopied ? messages.copied : label}
      icon={isCopied ? Check : Copy}
      onClick={(event) => {
        event.stopPropagation()
        copy(text)
      }}
    />
  )
}

export interface IdProps {
  readonly id: string
  /** Shows it whole. */
  readonly isFull?: boolean
  /** Where the id leads; copying then has its own button. */
  readonly link?: (children: React.ReactNode) => React.ReactNode
}

/** An id: first and last four characters, whole on hover, copied on click. */
export function Id({ id, isFull, link }: IdProps) {
  const [isCopied, copy] = useCopy()
  const text = <span className="mono">{isFull ? id : shortId(id)}</span>
  if (link !== undefined) {
    return (
      <span className="group inline-flex items-center gap-0.5">
        <Tooltip content={<span className="mono">{id}</span>}>
          <span>{link(text)}</span>
        </Tooltip>
        <span className="opacity-0 focus-within:opacity-100 group-hover:opacity-100">
          <CopyButton text={id} label={messages.copyId(id)} />
        </span>
      </span>
    )
  }
  return (
    <Tooltip content={isCopied ? messages.copied : <span className="mono">{id}</span>}>
      <button
        type="button"
        onClick={(event) => {
          event.stopPropagation()
          copy(id)
        }}
        className={cx(
          'inline-flex items-center gap-1 rounded-sm hover:text-accent-text',
          isCopied && 'text-completed-fg',
        )}
      >
        <span className="sr-only">{messages.copyIdShort} </span>
        {text}
        {isCopied && <Check size={12} aria-hidden />}
      </button>
    </Tooltip>
  )
}

/** A block of code or a command, with a button that copies it. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label?: string }) {
  return (
    <div className="relative rounded-md border border-border bg-sunken">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label={label ?? messages.codeBlock}
        className="overflow-x-auto rounded-md py-2.5 pr-10 pl-3 text-xs leading-5"
      >
        <pre>
          <code>{code}</code>
        </pre>
      </section>
      <span className="absolute top-1.5 right-1.5 rounded-md bg-sunken">
        <CopyButton text={code} />
      </span>
    </div>
  )
}
