// Asks why before a denial, since whoever asked is told nothing else.

import { useState } from 'react'
import { Button, Dialog, ErrorView, Field, TextArea } from '../../ui/index.ts'
import { messages } from './messages.ts'

export interface DenyDialogProps {
  readonly prompt: string
  readonly isBusy: boolean
  readonly error: Error | null
  readonly onClose: () => void
  /** The reason may be empty. */
  readonly onDeny: (reason: string) => void
}

/** Mounted means open. */
export function DenyDialog({ prompt, isBusy, error, onClose, onDeny }: DenyDialogProps) {
  const [reason, setReason] = useState('')
  const deny = () => {
    if (!isBusy) onDeny(reason.trim())
  }
  return (
    <Dialog
      title={messages.denyTitle}
      size="sm"
      onClose={onClose}
      onSubmit={deny}
      footer={
        <Button type="submit" look="danger" isBusy={isBusy} keys="mod+enter">
          {messages.denyAction}
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="line-clamp-4 whitespace-pre-wrap break-words">{prompt}</p>
        <Field label={messages.reason} hint={messages.reasonHint}>
          {(control) => <TextArea {...control} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {error && <ErrorView error={error} title={messages.notSent} />}
      </div>
    </Dialog>
  )
}
