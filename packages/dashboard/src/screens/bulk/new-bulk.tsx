// The form for a new operation. What it would touch is counted while it is filled in; the button that starts it carries the
// count, and works only for what was counted.

import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { ApiError, useFunctions, useStartBulk } from '../../api/index.ts'
import {
  Button,
  Checkbox,
  Dialog,
  ErrorView,
  Field,
  formatExact,
  MultiSelect,
  RadioGroup,
  RangePicker,
  TextArea,
  TextInput,
  toast,
} from '../../ui/index.ts'
import {
  askOf,
  type BulkForm,
  type BulkSearch,
  caretLines,
  type FormFaults,
  faultsOf,
  formOf,
  isTyped,
  rateOf,
  STATUSES,
  withKind,
} from './bulk-form.ts'
import { totalText } from './bulk-state.ts'
import { DryRunView } from './dry-run-view.tsx'
import { messages } from './messages.ts'
import { type DryRun, useDryRun } from './use-dry-run.ts'

const t = messages.form

/** Above it the count is to be typed. */
const TYPED_ABOVE = 1000

export interface NewBulkProps {
  readonly search: BulkSearch
  readonly onClose: () => void
}

/** The dialog; mounted means open. */
export function NewBulk({ search, onClose }: NewBulkProps) {
  const [form, setForm] = useState(() => formOf(search))
  const [typed, setTyped] = useState('')
  const faults = faultsOf(form)
  const run = useDryRun(form)
  const count = run.dry?.totalCount ?? 0
  const isTypedAsked = run.isFresh && count > TYPED_ABOVE
  const reason = reasonOf({ run, faults, isConfirmed: !isTypedAsked || isTyped(typed, count) })
  const start = useStart(form, run)
  const label =
    run.isFresh && count > 0
      ? t.start(messages.kinds[form.kind], formatExact(count) + (run.dry?.isCut ? '+' : ''), count === 1)
      : t.startBare(messages.kinds[form.kind])
  return (
    <Dialog
      title={t.title}
      description={t.text}
      size="xl"
      isFirm
      onClose={onClose}
      onSubmit={() => {
        if (reason === undefined && !start.isPending) start.run()
      }}
      footer={
        <>
          <Button onClick={onClose}>{messages.detail.back}</Button>
          <Button
            type="submit"
            look={form.kind === 'CANCEL' ? 'danger' : 'primary'}
            keys="mod+enter"
            isBusy={start.isPending}
            reason={reason}
          >
            {label}
          </Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter in a field must not start what touches many runs. */}
      <div
        className="grid grid-cols-1 gap-5 min-[800px]:grid-cols-[minmax(0,1fr)_20rem]"
        onKeyDown={(event) => {
          const isPlain = event.key === 'Enter' && !event.ctrlKey && !event.metaKey
          if (isPlain && event.target instanceof HTMLInputElement && event.currentTarget.contains(event.target)) {
            event.preventDefault()
          }
        }}
      >
        <Fields form={form} faults={faults} error={run.error} onChange={setForm} />
        <div className="flex min-w-0 flex-col gap-3">
          <DryRunView
            run={run}
            perMinute={rateOf(form.perMinute)}
            isTypedAsked={isTypedAsked}
            typed={typed}
            onTyped={setTyped}
          />
          {start.error !== null && <ErrorView error={start.error} />}
        </div>
      </div>
    </Dialog>
  )
}

function reasonOf(is: { run: DryRun; faults: FormFaults; isConfirmed: boolean }): string | undefined {
  const { run, faults, isConfirmed } = is
  const t = messages.dry
  if (run.error !== null || Object.keys(faults).length > 0) return t.faulty
  if (!run.isFresh) return t.notYet
  const count = run.dry?.totalCount ?? 0
  if (count === 0) return t.nothing
  return isConfirmed ? undefined : t.type(formatExact(count))
}

function useStart(form: BulkForm, { asked, dry }: DryRun) {
  const navigate = useNavigate()
  const { mutate, isPending, error } = useStartBulk({
    meta: { isShown: true },
    onSuccess: (bulk) => {
      const { id, kind, totalCount } = bulk
      toast.success(t.started(messages.verbs[kind], totalText(bulk), totalCount === 1), {
        action: (
          <Link to="/bulk" search={{ id }} className="link">
            {t.show}
          </Link>
        ),
      })
      void navigate({ to: '/bulk', search: { id }, replace: true })
    },
  })
  return {
    isPending,
    error,
    run() {
      if (asked === undefined || dry === undefined) return
      // Name and rate may have been typed after the count; the window is the one that was counted.
      const { name, perMinute } = askOf(form, 0)
      const { name: _name, perMinute: _perMinute, ...what } = asked
      mutate({ ...what, ...(name === undefined ? {} : { name }), ...(perMinute === undefined ? {} : { perMinute }) })
    },
  }
}

interface FieldsProps {
  readonly form: BulkForm
  readonly faults: FormFaults
  readonly error: Error | null
  readonly onChange: (form: BulkForm) => void
}

function Fields({ form, faults, error, onChange }: FieldsProps) {
  const { kind, range, perMinute, name } = form
  const set = (part: Partial<BulkForm>) => onChange({ ...form, ...part })
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <RadioGroup
        label={t.kind}
        value={kind}
        options={(['RERUN', 'CANCEL'] as const).map((value) => ({ value, label: t.kinds[value] }))}
        onChange={(next) => onChange(withKind(form, next))}
      />
      <fieldset>
        <legend className="mb-1 font-medium text-xs">{t.statuses}</legend>
        <div className="flex flex-wrap gap-x-4">
          {STATUSES[kind].map((status) => (
            <Checkbox
              key={status}
              label={messages.statuses[status]}
              checked={form.statuses.includes(status)}
              onChange={(event) =>
                set({
                  statuses: STATUSES[kind].filter((each) =>
                    each === status ? event.target.checked : form.statuses.includes(each),
                  ),
                })
              }
            />
          ))}
        </div>
        {faults.statuses && (
          <p role="alert" className="text-failed-fg text-xs">
            {faults.statuses}
          </p>
        )}
      </fieldset>
      <div className="flex flex-wrap gap-x-6 gap-y-4">
        <fieldset>
          <legend className="mb-1 font-medium text-xs">{t.range}</legend>
          <RangePicker value={range} onChange={(next) => set({ range: next })} />
        </fieldset>
        <Functions value={form.functions} onChange={(functions) => set({ functions })} />
      </div>
      <Query form={form} error={error} onChange={(query) => set({ query })} />
      <div className="grid grid-cols-1 gap-4 min-[480px]:grid-cols-2">
        <Field label={t.perMinute} hint={t.perMinuteHint} error={faults.perMinute}>
          {(control) => (
            <TextInput
              {...control}
              inputMode="numeric"
              autoComplete="off"
              value={perMinute}
              onChange={(event) => set({ perMinute: event.target.value })}
            />
          )}
        </Field>
        <Field label={t.name} hint={t.nameHint}>
          {(control) => (
            <TextInput
              {...control}
              maxLength={256}
              autoComplete="off"
              value={name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
      </div>
    </div>
  )
}

interface FunctionsProps {
  readonly value: readonly string[]
  readonly onChange: (value: readonly string[]) => void
}

function Functions({ value, onChange }: FunctionsProps) {
  const functions = useFunctions({ includeArchived: true })
  const options = useMemo(
    () => functions.rows.map((fn) => ({ value: fn.slug, label: fn.name, detail: fn.app.id })),
    [functions.rows],
  )
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-medium text-xs">{t.functions}</legend>
      <MultiSelect
        label={t.functions}
        options={options}
        value={value}
        onChange={onChange}
        isPending={functions.isPending}
      />
      {value.length === 0 && (
        <p className="mt-1 text-muted text-xs">
          {functions.error !== null && options.length === 0 ? t.functionsFailed : t.functionsHint}
        </p>
      )}
    </fieldset>
  )
}

interface QueryProps {
  readonly form: BulkForm
  readonly error: Error | null
  readonly onChange: (query: string) => void
}

function Query({ form: { query }, error, onChange }: QueryProps) {
  const fault = error instanceof ApiError && error.path === 'query' ? error : undefined
  const text =
    fault === undefined || fault.column === undefined ? fault?.message : t.column(fault.column, fault.message)
  return (
    <div>
      <Field label={t.query} hint={t.queryHint} error={text}>
        {(control) => (
          <TextArea
            {...control}
            isMono
            rows={2}
            spellCheck={false}
            autoComplete="off"
            placeholder={t.queryExample}
            value={query}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      {fault?.column !== undefined && (
        <pre aria-hidden className="mono mt-1 overflow-x-auto rounded-md bg-sunken px-2 py-1 text-failed-fg text-xs">
          {caretLines(query, fault.message, fault.column)}
        </pre>
      )}
    </div>
  )
}
