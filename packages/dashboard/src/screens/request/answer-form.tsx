// Where a question is answered: the arguments of an approval, the form of an answer, or the options of a choice, and the
// buttons. Who answers second sees the first answer in their place.

import { Check, Pencil, Send, Undo2, X } from 'lucide-react'
import { useState } from 'react'
import { ApiError, type RequestAnswer, type ShownRequest, useRespond } from '../../api/index.ts'
import { Button, ErrorView, Field, RadioGroup, TextArea, toast, useCommands } from '../../ui/index.ts'
import { DenyDialog } from './deny-dialog.tsx'
import { messages } from './messages.ts'
import { type Change, fieldOfPath } from './schema-form.ts'
import { useValueForm } from './use-value-form.ts'
import { ValueFields } from './value-fields.tsx'

export interface AnswerFormProps {
  readonly request: ShownRequest
  readonly token: string | undefined
  /** It is the only one of the page: Ctrl or Cmd and Enter answers it from everywhere. */
  readonly isAlone: boolean
  readonly onLate: () => void
}

export function AnswerForm(props: AnswerFormProps) {
  const answer = useAnswer(props)
  const { kind } = props.request
  if (kind === 'approval') return <Approval {...props} answer={answer} />
  if (kind === 'choice') return <Choosing {...props} answer={answer} />
  return <Input {...props} answer={answer} />
}

type Answering = ReturnType<typeof useAnswer>
type PartProps = AnswerFormProps & { readonly answer: Answering }

function useAnswer({ request, token, onLate }: AnswerFormProps) {
  const respond = useRespond({ meta: { isShown: true } })
  const { error } = respond
  const send = (answer: RequestAnswer, onDone?: () => void) =>
    respond.mutate(
      { requestId: request.id, answer, token },
      {
        onSuccess: ({ status }) => {
          onDone?.()
          if (status !== 'pending') toast.success(messages.done[status], { detail: request.prompt.slice(0, 120) })
        },
        onError: (failure) => {
          if (failure instanceof ApiError && failure.status === 409) onLate()
        },
      },
    )
  const invalid = error instanceof ApiError && error.status === 422 ? error : undefined
  return { send, isPending: respond.isPending, error: error === null || invalid ? null : error, invalid }
}

function Approval({ request, isAlone, answer }: PartProps) {
  const form = useValueForm(request.schema, request.arguments)
  const [isTried, setIsTried] = useState(false)
  const [isDenying, setIsDenying] = useState(false)
  const hasArguments = request.arguments !== undefined || request.schema !== undefined
  // What is wrong still is a change: its fields hold something else than was asked for.
  const isChanged = form.isTouched && (form.changes.length > 0 || form.isWrong)
  const word = isChanged ? messages.approveChanged : messages.approve
  const approve = () => {
    setIsTried(true)
    if (answer.isPending || (form.isTouched && form.isWrong)) return
    answer.send({ decision: 'approve', ...(isChanged ? { arguments: form.value } : {}) })
  }
  useCommands([
    { label: word, keys: 'mod+enter', isOn: isAlone, run: approve },
    { label: messages.deny, isOn: isAlone, run: () => setIsDenying(true) },
  ])
  const told = answer.invalid && {
    name: fieldOfPath(form.fields ?? [], answer.invalid.path),
    says: answer.invalid.message,
  }
  return (
    <>
      <Submitted onSubmit={approve}>
        {hasArguments ? (
          <ValueFields
            label={messages.arguments}
            form={form}
            showsFaults={isTried && form.isTouched}
            told={told}
            onSubmit={approve}
          />
        ) : (
          <p className="text-muted">{messages.argumentsNone}</p>
        )}
        {form.isTouched && form.changes.length > 0 && <Changes changes={form.changes} onUndo={form.reset} />}
        <Fault answer={answer} told={told} isWrong={isTried && form.isTouched && form.isWrong} />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            look="primary"
            icon={isChanged ? Pencil : Check}
            isBusy={answer.isPending && !isDenying}
            keys={isAlone ? 'mod+enter' : undefined}
            hint={word}
          >
            {word}
          </Button>
          <Button look="danger" icon={X} onClick={() => setIsDenying(true)}>
            {messages.deny}
          </Button>
          <span className="text-muted text-xs">{messages.final}</span>
        </div>
      </Submitted>
      {/* Beside the form, not in it: a dialog has a form of its own. */}
      {isDenying && (
        <DenyDialog
          prompt={request.prompt}
          isBusy={answer.isPending}
          error={answer.error ?? answer.invalid ?? null}
          onClose={() => setIsDenying(false)}
          onDeny={(reason) =>
            answer.send({ decision: 'deny', ...(reason === '' ? {} : { reason }) }, () => setIsDenying(false))
          }
        />
      )}
    </>
  )
}

function Input({ request, isAlone, answer }: PartProps) {
  const form = useValueForm(request.schema, undefined)
  const hasForm = request.schema !== undefined
  const [text, setText] = useState('')
  const [isTried, setIsTried] = useState(false)
  const isWrong = hasForm ? form.isWrong || (form.look === 'json' && form.text.trim() === '') : text.trim() === ''
  const send = () => {
    setIsTried(true)
    if (!isWrong && !answer.isPending) answer.send({ response: hasForm ? form.value : text })
  }
  useCommands([{ label: messages.send, keys: 'mod+enter', isOn: isAlone, run: send }])
  const told = answer.invalid && {
    name: fieldOfPath(form.fields ?? [], answer.invalid.path),
    says: answer.invalid.message,
  }
  return (
    <Submitted onSubmit={send}>
      {request.arguments !== undefined && <Given value={request.arguments} />}
      {hasForm ? (
        <ValueFields label={messages.answer} form={form} showsFaults={isTried} told={told} onSubmit={send} />
      ) : (
        <Field label={messages.answer} error={isTried && isWrong ? messages.form.missing : undefined}>
          {(control) => (
            <TextArea {...control} rows={5} value={text} onChange={(event) => setText(event.target.value)} />
          )}
        </Field>
      )}
      <Fault answer={answer} told={told} isWrong={isTried && isWrong && hasForm} />
      <SendButton isAlone={isAlone} isBusy={answer.isPending} />
    </Submitted>
  )
}

function Choosing({ request, isAlone, answer }: PartProps) {
  const { options = [] } = request
  const [chosen, setChosen] = useState('')
  const [isTried, setIsTried] = useState(false)
  const send = () => {
    setIsTried(true)
    if (chosen !== '' && !answer.isPending) answer.send({ response: chosen })
  }
  useCommands([{ label: messages.send, keys: 'mod+enter', isOn: isAlone, run: send }])
  return (
    <Submitted onSubmit={send}>
      {request.arguments !== undefined && <Given value={request.arguments} />}
      <RadioGroup
        label={messages.options}
        value={chosen}
        options={options.map(({ value, label }) => ({
          value,
          label: label ?? value,
          ...(label === undefined || label === value ? {} : { hint: value }),
        }))}
        onChange={setChosen}
      />
      {isTried && chosen === '' && (
        <p role="alert" className="text-failed-fg text-xs">
          {messages.form.choose}
        </p>
      )}
      <Fault
        answer={answer}
        told={answer.invalid && { name: undefined, says: answer.invalid.message }}
        isWrong={false}
      />
      <SendButton isAlone={isAlone} isBusy={answer.isPending} />
    </Submitted>
  )
}

function SendButton({ isAlone, isBusy }: { readonly isAlone: boolean; readonly isBusy: boolean }) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        type="submit"
        look="primary"
        icon={Send}
        isBusy={isBusy}
        keys={isAlone ? 'mod+enter' : undefined}
        hint={messages.send}
      >
        {messages.send}
      </Button>
      <span className="text-muted text-xs">{messages.final}</span>
    </div>
  )
}

function Given({ value }: { readonly value: unknown }) {
  return (
    <section aria-label={messages.arguments}>
      <h3 className="mb-1 font-semibold">{messages.arguments}</h3>
      <pre className="mono overflow-x-auto whitespace-pre-wrap break-words rounded-md border border-border bg-sunken px-3 py-2 text-xs">
        {JSON.stringify(value, null, 2)}
      </pre>
    </section>
  )
}

/** Ctrl or Cmd and Enter sends it from any of its fields, also where several forms stand on a page. */
function Submitted({ onSubmit, children }: { readonly onSubmit: () => void; readonly children: React.ReactNode }) {
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (event.target === event.currentTarget) onSubmit()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
        if (event.target instanceof Node && !event.currentTarget.contains(event.target)) return
        event.preventDefault()
        event.stopPropagation()
        onSubmit()
      }}
    >
      {children}
    </form>
  )
}

function Changes({ changes, onUndo }: { readonly changes: readonly Change[]; readonly onUndo: () => void }) {
  return (
    <div className="flex items-start gap-3 rounded-md bg-paused-bg px-3 py-2">
      <dl className="min-w-0 flex-1 text-xs">
        <dt className="mb-0.5 font-medium">{messages.changed}</dt>
        {changes.map(({ name, from, to }) => (
          <dd key={name} className="mono break-words">
            {name !== '' && `${name}: `}
            <del className="text-muted">{shortly(from)}</del> → <ins className="no-underline">{shortly(to)}</ins>
          </dd>
        ))}
      </dl>
      <Button size="sm" icon={Undo2} onClick={onUndo}>
        {messages.undo}
      </Button>
    </div>
  )
}

function shortly(value: unknown): string {
  const text = value === undefined ? messages.none : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

interface FaultProps {
  readonly answer: Answering
  readonly told: { readonly name: string | undefined; readonly says: string } | undefined
  readonly isWrong: boolean
}

function Fault({ answer, told, isWrong }: FaultProps) {
  const { error, invalid } = answer
  if (invalid !== undefined && told?.name === undefined) return <ErrorView error={invalid} title={messages.notSent} />
  if (error !== null && !(error instanceof ApiError && error.status === 409)) {
    return <ErrorView error={error} title={messages.notSent} />
  }
  return isWrong ? (
    <p role="alert" className="text-failed-fg text-xs">
      {messages.fix}
    </p>
  ) : null
}
