// What can be done with an event: send it again as it is, edit it first, or take it along as a command or as code.

import { Link } from '@tanstack/react-router'
import { Code2, Pencil, Send } from 'lucide-react'
import { useState } from 'react'
import { type EventAlone, PAYLOAD_BYTES_MAX, readPayload, useInfo, useResendEvent } from '../../api/index.ts'
import { openSend } from '../../frame/index.ts'
import { Button, copyText, Dialog, Menu, toast, useCommands } from '../../ui/index.ts'
import { eventCode, LANGUAGES, type Language } from './event-code.ts'
import { dataTextOf } from './event-data.ts'
import { messages } from './messages.ts'

const t = messages.actions

export function EventActions({ event }: { readonly event: EventAlone }) {
  const info = useInfo()
  const [masked, setMasked] = useState<string>()
  const [isReading, setIsReading] = useState(false)
  const resend = useResendEvent({
    onSuccess: ({ eventId }) =>
      toast.success(t.resent, {
        action: (
          <Link to="/events/$eventId" params={{ eventId }} className="link">
            {t.openNew}
          </Link>
        ),
      }),
  })
  const reason = event.isInternal && t.internal
  const readData = async (reveal: boolean) => {
    const payload = await readPayload({ of: 'events', id: event.id, part: 'event', bytes: PAYLOAD_BYTES_MAX, reveal })
    if (payload.until < payload.totalBytes) throw new Error(t.tooLarge)
    return { dataText: dataTextOf(payload.text), isMasked: payload.isMasked === true }
  }
  const begin = (run: () => Promise<void>) => {
    setIsReading(true)
    run()
      .catch(toast.error)
      .finally(() => setIsReading(false))
  }
  const edit = (reveal = false) =>
    begin(async () => {
      const { dataText, isMasked } = await readData(reveal)
      setMasked(undefined)
      if (isMasked && !reveal) setMasked(dataText)
      else openSend({ name: event.name, dataText })
    })
  const copyAs = (language: Language, label: string) =>
    begin(async () => {
      const { dataText, isMasked } = await readData(false)
      const url = info.data?.eventUrl ?? `${location.origin}/e/$INNGEST_EVENT_KEY`
      if (await copyText(eventCode(language, { name: event.name, dataText }, url))) {
        toast.success(isMasked ? `${t.copied(label)}. ${t.masked}` : t.copied(label))
      }
    })
  const send = () => resend.mutate({ eventId: event.id })
  useCommands([
    { label: t.resend, run: send, keys: 'r', reason },
    { label: t.edit, run: () => edit(), keys: 'shift+r', reason },
  ])
  return (
    <>
      <Menu
        items={LANGUAGES.map(({ id, label }) => ({ label, onSelect: () => copyAs(id, label) }))}
        trigger={
          <Button icon={Code2}>
            <span className="max-[600px]:sr-only">{t.copy}</span>
          </Button>
        }
      />
      <Button icon={Pencil} keys="shift+r" reason={reason} isBusy={isReading} onClick={() => edit()}>
        <span className="max-[600px]:sr-only">{t.edit}</span>
      </Button>
      <Button icon={Send} look="primary" keys="r" reason={reason} isBusy={resend.isPending} onClick={send}>
        <span className="max-[600px]:sr-only">{t.resend}</span>
      </Button>
      {masked !== undefined && (
        <Dialog
          title={messages.reveal.title}
          size="sm"
          onClose={() => setMasked(undefined)}
          footer={
            <>
              <Button
                onClick={() => {
                  setMasked(undefined)
                  openSend({ name: event.name, dataText: masked })
                }}
              >
                {messages.reveal.keep}
              </Button>
              <Button look="primary" isBusy={isReading} onClick={() => edit(true)}>
                {messages.reveal.action}
              </Button>
            </>
          }
        >
          <p>{messages.reveal.text}</p>
        </Dialog>
      )}
    </>
  )
}
