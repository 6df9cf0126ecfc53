// The fields of a job and the buttons below them. Faults stand at their fields, those of the server too; sending with a fault
// brings the focus to the first of them.

import { FlaskConical, Save } from 'lucide-react'
import { useRef, useState } from 'react'
import { ApiError, useTestJob } from '../../api/index.ts'
import { Button, ErrorView, Field, Notice, Panel, Skeleton, TextInput, useCommands } from '../../ui/index.ts'
import { AnswerView } from '../job/answer-view.tsx'
import { type Faults, type JobDraft, readRequest } from './job-draft.ts'
import { messages } from './messages.ts'
import { RequestFields } from './request-fields.tsx'
import { ScheduleFields } from './schedule-fields.tsx'

export interface JobFormProps {
  readonly draft: JobDraft
  readonly onDraft: (draft: JobDraft) => void
  readonly faults: Faults
  /** What the server said. */
  readonly error: Error | null
  /** The job that is changed: a test uses its stored secrets. */
  readonly jobId: string | undefined
  readonly action: string
  readonly isBusy: boolean
  readonly hasStoredSigning?: boolean
  readonly notice?: React.ReactNode
  readonly onCancel: () => void
  /** Sends it unless there are faults; these come back. */
  readonly onSubmit: () => Faults
}

/** What the parts of the form need. */
export interface PartProps {
  readonly draft: JobDraft
  readonly set: (part: Partial<JobDraft>) => void
  readonly faultOf: (path: string) => string | undefined
}

export function JobForm(props: JobFormProps) {
  const { draft, onDraft, error, jobId, action, isBusy, notice, onCancel, onSubmit } = props
  const form = useRef<HTMLFormElement>(null)
  const test = useTest(draft, jobId)
  const faults = new Map([...test.faults, ...props.faults])
  const told = error instanceof ApiError && error.path !== undefined ? error : test.told
  const faultOf = (path: string) => faults.get(path) ?? (told?.path === path ? told.message : undefined)
  const set = (part: Partial<JobDraft>) => onDraft({ ...draft, ...part })
  const focusFault = () =>
    requestAnimationFrame(() => {
      const field = form.current?.querySelector<HTMLElement>('[aria-invalid=true]')
      field?.focus()
    })
  const submit = () => {
    if (!isBusy && onSubmit().size > 0) focusFault()
  }
  const runTest = () => {
    if (test.run().size > 0) focusFault()
  }
  useCommands([
    { label: action, keys: 'mod+enter', run: submit },
    { label: messages.test, run: runTest },
  ])
  const part: PartProps = { draft, set, faultOf }
  // A fault of the server at a field that the form does not have is shown whole.
  const isPlaced = error instanceof ApiError && error.path !== undefined && isKnownPath(error.path)
  return (
    <form
      ref={form}
      noValidate
      className="flex w-full max-w-260 flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (event.target === event.currentTarget) submit()
      }}
    >
      {notice}
      <Field label={messages.name} error={faultOf('name')}>
        {(control) => (
          <TextInput
            {...control}
            autoFocus
            required
            maxLength={120}
            autoComplete="off"
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
            className="w-full max-w-120"
          />
        )}
      </Field>
      <ScheduleFields {...part} />
      <RequestFields {...part} hasStoredSigning={props.hasStoredSigning ?? false} />
      <TestResult test={test} />
      {faults.size > 0 && (
        <p role="alert" className="text-failed-fg text-xs">
          {messages.fix}
        </p>
      )}
      {error !== null && !isPlaced && <ErrorView error={error} />}
      <div className="sticky bottom-0 z-10 -mx-4 -mb-4 flex flex-wrap items-center gap-2 border-border border-t bg-bg px-4 py-3">
        <Button type="submit" look="primary" icon={Save} keys="mod+enter" hint={action} isBusy={isBusy}>
          {action}
        </Button>
        <Button icon={FlaskConical} isBusy={test.isPending} hint={messages.testHint} onClick={runTest}>
          {messages.test}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {messages.cancel}
        </Button>
        <span className="text-muted text-xs max-[900px]:hidden">{messages.rules}</span>
      </div>
    </form>
  )
}

const PATHS: ReadonlySet<string> = new Set([
  'name',
  'intervalMinutes',
  'startMinute',
  'startHour',
  'timeZone',
  'anchorDate',
  'timeoutSeconds',
  'signingSecret',
  'request.url',
  'request.method',
  'request.headers',
  'request.body',
])

function isKnownPath(path: string): boolean {
  return PATHS.has(path) || /^request\.headers\[\d+\]/.test(path)
}

function useTest(draft: JobDraft, jobId: string | undefined) {
  const test = useTestJob({ meta: { isShown: true } })
  const [isTried, setIsTried] = useState(false)
  const faults = new Map<string, string>()
  const request = readRequest(draft, faults)
  const timeoutSeconds = Number(draft.timeout)
  const { error } = test
  return {
    faults: isTried ? faults : new Map<string, string>(),
    told: error instanceof ApiError && error.path !== undefined && isKnownPath(error.path) ? error : undefined,
    error,
    data: test.data,
    isPending: test.isPending,
    run(): Faults {
      setIsTried(true)
      if (faults.size === 0 && !test.isPending) {
        test.mutate({
          request,
          ...(timeoutSeconds >= 1 && timeoutSeconds <= 300 ? { timeoutSeconds } : {}),
          ...(jobId === undefined ? {} : { jobId }),
        })
      }
      return faults
    },
  }
}

function TestResult({ test: { data, error, told, isPending } }: { readonly test: ReturnType<typeof useTest> }) {
  if (isPending) {
    return (
      <Panel title={messages.testTitle}>
        <p role="status" className="mb-2 text-muted">
          {messages.testing}
        </p>
        <Skeleton className="h-16 w-full" />
      </Panel>
    )
  }
  if (error !== null) {
    return told === undefined ? (
      <ErrorView error={error} title={messages.testFailed} />
    ) : (
      <Notice tone="bad">
        {messages.testFailed} {told.message}
      </Notice>
    )
  }
  if (data === undefined) return null
  return (
    <div role="status">
      <Panel title={messages.testTitle}>
        <AnswerView answer={data} />
      </Panel>
    </div>
  )
}
