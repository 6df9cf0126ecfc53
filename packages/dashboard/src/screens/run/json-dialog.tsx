// A dialog with an editor for JSON and one verb: what rerun with an edited payload, rerun from a step and resume have in
// common. It refuses what is no JSON before the server has to.

import { useState } from 'react'
import { Button, Dialog, ErrorView, faultOf, JsonEditor, Notice } from '../../ui/index.ts'
import { messages } from './messages.ts'

export interface JsonDialogProps {
  readonly title: string
  readonly description: React.ReactNode
  /** Of the editor. */
  readonly label: string
  readonly action: string
  /** The text to begin with. */
  readonly initial: string
  /** What is wrong with a value, in words; undefined: nothing. */
  readonly check?: (value: unknown, text: string) => string | undefined
  readonly onSubmit: (value: unknown) => void
  readonly onClose: () => void
  readonly isBusy: boolean
  readonly error: Error | null
  /** Above the editor. */
  readonly notice?: React.ReactNode
}

export function JsonDialog(props: JsonDialogProps) {
  const { title, description, label, action, initial, check, onSubmit, onClose, isBusy, error, notice } = props
  const [text, setText] = useState(initial)
  const reason = faultOf(text) === undefined ? check?.(JSON.parse(text), text) : messages.edit.invalid
  const submit = () => {
    if (reason === undefined && !isBusy) onSubmit(JSON.parse(text))
  }
  return (
    <Dialog
      title={title}
      description={description}
      size="lg"
      isFirm
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{messages.dialogClose}</Button>
          <Button type="submit" look="primary" isBusy={isBusy} reason={reason} keys="mod+enter">
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {notice}
        <JsonEditor label={label} value={text} onChange={setText} height={320} onSubmit={submit} />
        {reason !== undefined && faultOf(text) === undefined && <Notice tone="warn">{reason}</Notice>}
        {error !== null && <ErrorView error={error} />}
      </div>
    </Dialog>
  )
}

/** JSON for an editor: indented. */
export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
