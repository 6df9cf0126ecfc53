// Asks before something that cannot be taken back: says in numbers what it touches, shows some of it, and above 1,000
// asks to type the count. The button carries the verb, never "OK".

import { useState } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Field, TextInput } from './field.tsx'
import { formatExact } from './format.ts'
import { messages } from './messages.ts'
import { ErrorView } from './states.tsx'

export interface ConfirmProps {
  readonly title: string
  /** Verb and noun: "Cancel 12 runs". */
  readonly action: string
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children?: React.ReactNode
  /** What it touches; above 1,000 the count is to be typed. */
  readonly count?: { readonly value: number; readonly noun: string; readonly isAtLeast?: boolean } | undefined
  /** A few of what it touches. */
  readonly sample?: readonly React.ReactNode[]
  readonly isDanger?: boolean
  readonly isBusy?: boolean
  readonly error?: Error | null
}

/** From this on the count is to be typed. */
const TYPED_FROM = 1000

/** A dialog that asks; mounted means open. */
export function Confirm({ title, action, onConfirm, onClose, children, count, sample, ...rest }: ConfirmProps) {
  const { isDanger = true, isBusy = false, error } = rest
  const [typed, setTyped] = useState('')
  const isTypedAsked = count !== undefined && count.value > TYPED_FROM
  const isRight = !isTypedAsked || typed.replace(/[\s\u202f,.]/g, '') === String(count.value)
  const confirm = () => {
    if (isRight && !isBusy) onConfirm()
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      size="sm"
      onSubmit={confirm}
      footer={
        <>
          <Button onClick={onClose}>{messages.close}</Button>
          <Button
            type="submit"
            look={isDanger ? 'danger' : 'primary'}
            isBusy={isBusy}
            keys="mod+enter"
            reason={!isRight && messages.confirmCount(String(count?.value))}
          >
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {children}
        {count !== undefined && (
          <p className="font-medium tabular-nums">
            {messages.affects(`${formatExact(count.value)}${count.isAtLeast ? '+' : ''}`, count.noun)}
          </p>
        )}
        {sample !== undefined && sample.length > 0 && (
          <div>
            <p className="mb-1 text-muted text-xs">{messages.sample}</p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard. */}
            <ul tabIndex={0} className="max-h-40 overflow-auto rounded-md border border-border">
              {sample.map((each, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a sample is shown as it came and never reordered.
                <li key={index} className="border-border border-b px-2.5 py-1 text-xs last:border-b-0">
                  {each}
                </li>
              ))}
            </ul>
          </div>
        )}
        {isTypedAsked && (
          <Field label={messages.confirmCount(String(count.value))}>
            {(control) => (
              <TextInput
                {...control}
                inputMode="numeric"
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
        )}
        {error && <ErrorView error={error} />}
      </div>
    </Dialog>
  )
}
