// Short notices after an action. Success goes by itself after 4 s, unless somebody points at it; errors stay until they
// are dismissed. What created something links to it.

import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useEffect, useSyncExternalStore } from 'react'
import { ApiError } from '../api/client.ts'
import { IconButton } from './button.tsx'
import { cx } from './class-names.ts'
import { messages } from './messages.ts'

export interface ToastExtra {
  readonly detail?: string | undefined
  /** A link or a button to what came of it. */
  readonly action?: React.ReactNode
}

interface ToastItem extends ToastExtra {
  readonly id: number
  readonly tone: 'success' | 'error'
  readonly text: string
}

const SHOWN_MS = 4000
const ITEMS_MAX = 5
let items: readonly ToastItem[] = []
let lastId = 0
const listeners = new Set<() => void>()

function change(next: readonly ToastItem[]) {
  items = next
  for (const listener of listeners) listener()
}

function add(item: Omit<ToastItem, 'id'>) {
  lastId++
  const others = items.filter((each) => each.text !== item.text || each.detail !== item.detail)
  change([...others, { ...item, id: lastId }].slice(-ITEMS_MAX))
}

export const toast = {
  success: (text: string, extra: ToastExtra = {}) => add({ tone: 'success', text, ...extra }),
  /** From a failure of the API the code and the request's id are shown too. */
  error(error: unknown, extra: ToastExtra = {}) {
    const text = error instanceof Error ? error.message : String(error)
    const detail = error instanceof ApiError ? describeError(error) : undefined
    add({ tone: 'error', text, detail, ...extra })
  },
  dismiss: (id: number) => change(items.filter((item) => item.id !== id)),
} as const

/** Hint, code and request id of a failure in one line. */
export function describeError(error: ApiError): string {
  const parts = [error.hint, messages.code(error.code), error.requestId && messages.requestId(error.requestId)]
  return parts.filter(Boolean).join(' · ')
}

/** Once at the root of the page. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => items)
  return (
    <section
      aria-label={messages.notifications}
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-90 max-w-[calc(100vw-2rem)] flex-col gap-2"
    >
      {shown.map((item) => (
        <Toast key={item.id} item={item} />
      ))}
    </section>
  )
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function Toast({ item }: { readonly item: ToastItem }) {
  const isError = item.tone === 'error'
  useEffect(() => {
    if (isError) return
    const timer = setTimeout(() => toast.dismiss(item.id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [item.id, isError])
  const Icon = isError ? CircleAlert : CircleCheck
  return (
    <div
      role={isError ? 'alert' : 'status'}
      className="overlay-in pointer-events-auto flex items-start gap-2.5 rounded-lg bg-raised py-2.5 pr-2 pl-3 shadow-overlay forced:border"
    >
      <Icon size={16} aria-hidden className={cx('mt-0.5 shrink-0', isError ? 'text-failed-fg' : 'text-completed-fg')} />
      <div className="min-w-0 flex-1">
        <p className="break-words font-medium">{item.text}</p>
        {item.detail && <p className="break-words text-muted text-xs">{item.detail}</p>}
        {item.action && <div className="mt-1">{item.action}</div>}
      </div>
      <IconButton size="sm" label={messages.dismiss} icon={X} onClick={() => toast.dismiss(item.id)} />
    </div>
  )
}
