// Dialogs, on the browser's own `dialog` element: it keeps the focus inside, makes the rest of the page inert, closes on
// Escape and gives the focus back, and needs no injected style. What opens inside it is put inside it (`PortalHost`).

import { X } from 'lucide-react'
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { IconButton } from './button.tsx'
import { cx } from './class-names.ts'
import { messages } from './messages.ts'
import { PortalHost } from './portal.tsx'

/** The focus goes to the control that says so, else to the first field; a dialog without fields keeps it. */
const CHOSEN = '[data-autofocus]'
// Of radio buttons the chosen one: a key pressed on another would choose that.
const FIRST_FIELD =
  'input:not([type=hidden], :disabled, [type=radio]:not(:checked)), textarea:not(:disabled), select:not(:disabled)'

const widths = { sm: 'w-100', md: 'w-140', lg: 'w-200', xl: 'w-260' } as const

export interface DialogProps {
  readonly title: string
  /** Closing was asked for: Escape, the cross, a click outside. */
  readonly onClose: () => void
  readonly children: React.ReactNode
  readonly description?: React.ReactNode
  readonly footer?: React.ReactNode
  readonly size?: keyof typeof widths
  /** Asks for an answer: a click outside does not close it. */
  readonly isFirm?: boolean
  /** It cannot be closed at all, only answered. */
  readonly isForced?: boolean
  /** Ctrl or Cmd and Enter, and the form's own submit. */
  readonly onSubmit?: (() => void) | undefined
}

/** A modal dialog; mounted means open. */
export function Dialog({
  title,
  onClose,
  children,
  description,
  footer,
  size = 'md',
  isFirm,
  isForced,
  onSubmit,
}: DialogProps) {
  const titleId = useId()
  const textId = useId()
  return (
    <Modal
      labelledBy={titleId}
      describedBy={description === undefined ? undefined : textId}
      onClose={onClose}
      isFirm={(isFirm || isForced) ?? false}
      className={cx(
        'overlay-in max-h-[min(88vh,56rem)] max-w-[calc(100vw-2rem)] rounded-lg bg-raised p-0 shadow-overlay forced:border',
        widths[size],
      )}
    >
      <form
        tabIndex={-1}
        className="flex max-h-[inherit] flex-col outline-none"
        onSubmit={(event) => {
          event.preventDefault()
          event.stopPropagation()
          // A form in a popover that was opened here is told here too, though it stands elsewhere in the document.
          if (event.target === event.currentTarget) onSubmit?.()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
          if (event.target instanceof Node && !event.currentTarget.contains(event.target)) return
          event.preventDefault()
          event.stopPropagation()
          event.currentTarget.requestSubmit()
        }}
      >
        {/* No header and footer elements: in a dialog that is opened from the top bar these would be landmarks of the page. */}
        <div className="flex items-start gap-3 border-border border-b px-4 py-3">
          <div className="min-w-0 flex-1">
            <h2 id={titleId} className="font-semibold text-base">
              {title}
            </h2>
            {description !== undefined && (
              <p id={textId} className="mt-0.5 text-muted">
                {description}
              </p>
            )}
          </div>
          {!isForced && <IconButton label={messages.close} icon={X} onClick={onClose} keys="escape" />}
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{children}</div>
        {footer !== undefined && (
          <div className="flex flex-wrap items-center justify-end gap-2 border-border border-t px-4 py-3">{footer}</div>
        )}
      </form>
    </Modal>
  )
}

export interface ModalProps {
  readonly label?: string
  readonly labelledBy?: string
  readonly describedBy?: string | undefined
  readonly onClose: () => void
  readonly isFirm?: boolean
  readonly className: string
  readonly children: React.ReactNode
}

/** The bare modal, for overlays that are no form: palette, drawer. */
export function Modal({ label, labelledBy, describedBy, onClose, isFirm = false, className, children }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const [host, setHost] = useState<HTMLElement | null>(null)
  const isPressedOutside = useRef(false)
  const isLeaving = useRef(false)
  const attach = useCallback((element: HTMLDialogElement | null) => {
    ref.current = element
    setHost(element)
  }, [])
  useEffect(() => {
    const dialog = ref.current
    const focused = document.activeElement
    if (dialog === null) return
    isLeaving.current = false
    if (!dialog.open) dialog.showModal()
    return () => {
      isLeaving.current = true
      dialog.close()
      if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true })
    }
  }, [])
  // What is inside comes one render after the dialog itself, which has the focus until then.
  useEffect(() => {
    if (host === null || document.activeElement !== host) return
    const field = host.querySelector<HTMLElement>(CHOSEN) ?? host.querySelector<HTMLElement>(FIRST_FIELD)
    // Without a field the form takes it: there Ctrl or Cmd and Enter is heard.
    const target = field ?? host.querySelector('form')
    target?.focus()
  }, [host])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; the click is on the ground behind it.
    <dialog
      ref={attach}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return
        event.preventDefault()
        onClose()
      }}
      onClose={(event) => {
        // Browsers let a second Escape close it without asking: what is firm opens again.
        if (isLeaving.current || event.target !== event.currentTarget) return
        if (isFirm) event.currentTarget.showModal()
        else onClose()
      }}
      onMouseDown={(event) => {
        isPressedOutside.current = event.target === event.currentTarget
      }}
      onClick={(event) => {
        if (!isFirm && event.target === event.currentTarget && isPressedOutside.current) onClose()
      }}
      className={className}
    >
      <PortalHost value={host}>{host !== null && children}</PortalHost>
    </dialog>
  )
}
