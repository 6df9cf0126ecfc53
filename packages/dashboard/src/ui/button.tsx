// Buttons. One that may not be used stays where it is and says why: it keeps the focus and its tooltip, and does nothing.

import { LoaderCircle, type LucideIcon } from 'lucide-react'
import { cx } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

const looks = {
  primary: 'bg-accent text-accent-fg hover:bg-accent-hover border-transparent',
  plain: 'bg-raised text-text border-border-strong hover:bg-hover',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-hover hover:text-text',
  danger: 'bg-raised text-failed-fg border-border-strong hover:bg-failed-bg hover:border-failed-solid',
} as const

const sizes = {
  sm: 'h-6 px-2 gap-1 text-xs',
  md: 'h-7 px-2.5 gap-1.5 text-sm',
} as const

export type ButtonLook = keyof typeof looks

export interface ButtonProps extends Omit<React.ComponentProps<'button'>, 'disabled'> {
  readonly look?: ButtonLook | undefined
  readonly size?: keyof typeof sizes | undefined
  readonly icon?: LucideIcon | undefined
  /** A shortcut that does the same; shown in the tooltip. */
  readonly keys?: string | undefined
  /** Why it may not be used now: disables it and says so. */
  readonly reason?: string | undefined | false
  /** Something is under way: the icon turns and a second press does nothing. */
  readonly isBusy?: boolean | undefined
  readonly hint?: React.ReactNode
}

/** A button with words. */
export function Button({ look = 'plain', size = 'md', icon: Icon, keys, reason, isBusy, hint, ...rest }: ButtonProps) {
  const { className, children, onClick, ...attributes } = rest
  const isOff = Boolean(reason) || isBusy === true
  const button = (
    <button
      type="button"
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      {...attributes}
      onClick={(event) => {
        if (isOff) event.preventDefault()
        else onClick?.(event)
      }}
      className={cx(
        'inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap rounded-md border font-medium',
        sizes[size],
        looks[look],
        isOff && 'cursor-not-allowed opacity-55',
        className,
      )}
    >
      {isBusy ? <LoaderCircle size={14} aria-hidden className="spin" /> : Icon && <Icon size={14} aria-hidden />}
      {children}
    </button>
  )
  const content = reason || hint
  if (!content && keys === undefined) return button
  return (
    <Tooltip content={content || children} keys={reason ? undefined : keys}>
      {button}
    </Tooltip>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'children'> {
  readonly label: string
  readonly icon: LucideIcon
  readonly side?: 'top' | 'right' | 'bottom' | 'left'
  readonly isPressed?: boolean | undefined
}

/** A button that is an icon; its name is read and shown on hover. */
export function IconButton({ label, icon: Icon, look = 'quiet', size = 'md', ...all }: IconButtonProps) {
  const { keys, reason, isBusy, side, isPressed, hint, className, onClick, ...attributes } = all
  const isOff = Boolean(reason) || isBusy === true
  return (
    <Tooltip content={reason ? `${label}: ${reason}` : (hint ?? label)} keys={keys} {...(side ? { side } : {})}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={isPressed}
        aria-disabled={isOff || undefined}
        {...attributes}
        onClick={(event) => {
          if (isOff) event.preventDefault()
          else onClick?.(event)
        }}
        className={cx(
          'inline-flex shrink-0 items-center justify-center rounded-md border',
          size === 'sm' ? 'size-6' : 'size-7',
          looks[look],
          isPressed && 'bg-hover text-text',
          isOff && 'cursor-not-allowed opacity-55',
          className,
        )}
      >
        {isBusy ? <LoaderCircle size={14} aria-hidden className="spin" /> : <Icon size={15} aria-hidden />}
      </button>
    </Tooltip>
  )
}

/** Classes of a link that looks like a button. */
export function buttonClass(look: ButtonLook = 'plain', size: keyof typeof sizes = 'md'): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center whitespace-nowrap rounded-md border font-medium no-underline',
    sizes[size],
    looks[look],
  )
}
