// The window that sends an event: name, payload with completion from past events, the same as code, what was sent before,
// and after sending the runs it started. It stays open, since one often sends more than one.

import { useState } from 'react'
import { PAYLOAD_BYTES_MAX, readPayload, useEventNames, useInfo, useSendEvent } from '../../api/index.ts'
import type { SendDraft } from '../../frame/send.ts'
import {
  announce,
  Button,
  CodeBlock,
  Dialog,
  ErrorView,
  Field,
  JsonEditor,
  Notice,
  serverNow,
  Tabs,
  TextInput,
  toast,
} from '../../ui/index.ts'
import { dataTextOf } from '../event/event-data.ts'
import { eventCode, LANGUAGES, type Language } from '../event/index.ts'
import { messages } from './messages.ts'
import { hasLongNumber, keysAt, whyNotSendable } from './payload-keys.ts'
import { SentEvent } from './sent-event.tsx'
import { SentList } from './sent-list.tsx'
import { sentPreference, withSent } from './sent-payloads.ts'

export interface SendDialogProps {
  readonly draft: SendDraft
  readonly onClose: () => void
}

const BEGIN = '{\n  \n}'
/** Sent events that are shown. */
const SHOWN_MAX = 5
type Tab = 'editor' | Language

interface Sent {
  readonly eventId: string
  readonly name: string
}

export function SendDialog({ draft, onClose }: SendDialogProps) {
  const [name, setName] = useState(draft.name ?? '')
  const [id, setId] = useState('')
  const [text, setText] = useState(draft.dataText ?? BEGIN)
  const [tab, setTab] = useState<Tab>('editor')
  const [sent, setSent] = useState<readonly Sent[]>([])
  const trimmed = name.trim()
  const reason = whyNotSendable(trimmed, text)
  const send = useSendEvent({
    meta: { isShown: true },
    onSuccess: ({ eventId }, ask) => {
      setSent((before) =>
        [{ eventId, name: ask.name }, ...before.filter((each) => each.eventId !== eventId)].slice(0, SHOWN_MAX),
      )
      sentPreference.set(withSent(sentPreference.get(), { name: ask.name, dataText: text, at: serverNow() }))
      announce(`${messages.sent}: ${ask.name}`)
    },
  })
  const submit = () => {
    if (reason !== undefined || send.isPending) return
    send.mutate({ name: trimmed, data: JSON.parse(text), ...(id.trim() === '' ? {} : { id: id.trim() }) })
  }
  return (
    <Dialog
      title={messages.title}
      description={messages.description}
      size="xl"
      isFirm
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{messages.close}</Button>
          <Button type="submit" look="primary" isBusy={send.isPending} reason={reason} keys="mod+enter">
            {messages.send}
          </Button>
        </>
      }
    >
      <div className="grid gap-4 min-[800px]:grid-cols-[minmax(0,1fr)_16rem]">
        <div className="flex min-w-0 flex-col gap-3">
          <Head name={name} onName={setName} id={id} onId={setId} onFill={setText} />
          <Tabs
            label={messages.tabs}
            value={tab}
            onChange={setTab}
            tabs={[{ id: 'editor', label: messages.editor }, ...LANGUAGES]}
          >
            <div className="pt-2">
              {tab === 'editor' ? (
                <Editor name={trimmed} text={text} onText={setText} onSubmit={submit} />
              ) : (
                <Code language={tab} name={trimmed} text={text} />
              )}
            </div>
          </Tabs>
          {hasLongNumber(text) && <Notice tone="warn">{messages.longNumber}</Notice>}
          {text.includes('•••') && <Notice tone="warn">{messages.masked}</Notice>}
          {send.error !== null && <ErrorView error={send.error} />}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          {sent.length > 0 && (
            <section aria-label={messages.sent}>
              <h3 className="mb-1 font-medium text-xs">{messages.sent}</h3>
              <ul className="flex flex-col gap-2">
                {sent.map((each) => (
                  <SentEvent key={each.eventId} {...each} onGo={onClose} />
                ))}
              </ul>
            </section>
          )}
          <SentList
            onUse={(payload) => {
              setName(payload.name)
              setText(payload.dataText)
              setTab('editor')
            }}
          />
        </div>
      </div>
    </Dialog>
  )
}

interface HeadProps {
  readonly name: string
  readonly onName: (name: string) => void
  readonly id: string
  readonly onId: (id: string) => void
  readonly onFill: (dataText: string) => void
}

/** Name and id, and the payload of the newest event of that name. */
function Head({ name, onName, id, onId, onFill }: HeadProps) {
  const names = useEventNames()
  const [isReading, setIsReading] = useState(false)
  const known = names.data?.find((each) => each.name === name.trim())
  const fill = async () => {
    if (known === undefined) return
    setIsReading(true)
    try {
      const payload = await readPayload({
        of: 'events',
        id: known.lastEventId,
        part: 'event',
        bytes: PAYLOAD_BYTES_MAX,
      })
      if (payload.until < payload.totalBytes) throw new Error(messages.tooLarge)
      onFill(dataTextOf(payload.text))
    } catch (error) {
      toast.error(error)
    } finally {
      setIsReading(false)
    }
  }
  return (
    <div className="grid gap-3 min-[1000px]:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Field label={messages.name}>
        {(control) => (
          <div className="flex gap-1.5">
            <TextInput
              {...control}
              isMono
              autoFocus={name === ''}
              required
              list={`${control.id}-names`}
              autoComplete="off"
              spellCheck={false}
              maxLength={512}
              placeholder={messages.namePlaceholder}
              value={name}
              onChange={(event) => onName(event.target.value)}
              className="flex-1"
            />
            <datalist id={`${control.id}-names`}>
              {names.data?.map((each) => (
                <option key={each.name} value={each.name} />
              ))}
            </datalist>
            {known !== undefined && (
              <Button isBusy={isReading} hint={messages.fillHint} onClick={() => void fill()}>
                {messages.fill}
              </Button>
            )}
          </div>
        )}
      </Field>
      <Field label={messages.id}>
        {(control) => (
          <TextInput
            {...control}
            isMono
            autoComplete="off"
            spellCheck={false}
            title={messages.idHint}
            value={id}
            onChange={(event) => onId(event.target.value)}
          />
        )}
      </Field>
    </div>
  )
}

interface EditorProps {
  readonly name: string
  readonly text: string
  readonly onText: (text: string) => void
  readonly onSubmit: () => void
}

function Editor({ name, text, onText, onSubmit }: EditorProps) {
  const names = useEventNames()
  const paths = names.data?.find((each) => each.name === name)?.paths ?? []
  return (
    <JsonEditor
      label={messages.data}
      value={text}
      onChange={onText}
      height={280}
      complete={(path) => keysAt(paths, path)}
      onSubmit={onSubmit}
    />
  )
}

function Code({ language, name, text }: { readonly language: Language; readonly name: string; readonly text: string }) {
  const info = useInfo()
  const url = info.data?.eventUrl ?? `${location.origin}/e/$INNGEST_EVENT_KEY`
  return (
    <CodeBlock
      label={messages.tabs}
      code={eventCode(language, { name: name || messages.namePlaceholder, dataText: text }, url)}
    />
  )
}
