// Stands in until the window is written.

import type { SendDraft } from '../../frame/send.ts'
import { Dialog } from '../../ui/index.ts'

export interface SendDialogProps {
  readonly draft: SendDraft
  readonly onClose: () => void
}

export function SendDialog({ onClose }: SendDialogProps) {
  return (
    <Dialog title="Send event" onClose={onClose}>
      <p>…</p>
    </Dialog>
  )
}
