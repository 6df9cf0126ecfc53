// Starts one run with a payload of one's own. The newest payload of its event can be taken as a beginning; what the server
// hides in it must be replaced first.

import { useState } from 'react'
import { type Fn, useEventNames, useInvoke, usePayload } from '../../api/index.ts'
import { RunLink } from '../../frame/index.ts'
import { Button, Dialog, ErrorView, faultOf, JsonEditor, Notice, toast } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { dataOf } from './payload-data.ts'

const t = messages.run

/** What the server puts in the place of a hidden value. */
const MASK = '"•••"'

export function RunNowDialog({ fn, onClose }: { readonly fn: Fn; readonly onClose: () => void }) {
  const [text, setText] = useState('{}')
  const newest = useNewest(fn)
  const invoke = useInvoke({
    meta: { isShown: true },
    onSuccess: ({ runId }) => {
      toast.success(t.started, {
        action: (
          <RunLink id={runId} className="link">
            {t.open}
          </RunLink>
        ),
      })
      onClose()
    },
  })
  const reason = faultOf(text) !== undefined ? t.invalid : text.includes(MASK) ? t.masked : undefined
  const submit = () => {
    if (reason !== undefined || invoke.isPending) return
    invoke.mutate({ appId: fn.app.id, functionId: fn.id, data: JSON.parse(text) })
  }
  return (
    <Dialog
      title={t.title(fn.name)}
      description={t.description}
      size="lg"
      isFirm
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          {newest !== undefined && (
            <span className="mr-auto">
              <Button hint={t.fillHint} onClick={() => setText(newest.data)} reason={text === newest.data && t.filled}>
                {t.fill(newest.name)}
              </Button>
            </span>
          )}
          <Button onClick={onClose}>{messages.dialogClose}</Button>
          <Button type="submit" look="primary" isBusy={invoke.isPending} reason={reason} keys="mod+enter">
            {t.action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <JsonEditor label={t.label} value={text} onChange={setText} height={300} onSubmit={submit} />
        {reason === t.masked && <Notice tone="warn">{reason}</Notice>}
        {invoke.error !== null && <ErrorView error={invoke.error} />}
      </div>
    </Dialog>
  )
}

/** Name and data of the newest event that the function listens to, where it is short enough to edit. */
function useNewest(fn: Fn): { readonly name: string; readonly data: string } | undefined {
  const names = useEventNames()
  const listens = (fn.triggers ?? []).filter(({ type }) => type === 'EVENT').map(({ value }) => value)
  const newest = names.data?.find(({ name }) => listens.includes(name))
  const payload = usePayload({ of: 'events', id: newest?.lastEventId ?? '', part: 'event' }, newest === undefined)
  const data = dataOf(payload.data)
  return newest === undefined || data === undefined ? undefined : { name: newest.name, data }
}
