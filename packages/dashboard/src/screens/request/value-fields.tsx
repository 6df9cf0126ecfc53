// The fields of a value, or its JSON in an editor, with the switch between the two.

import { Checkbox, Field, JsonEditor, Segmented, Select, TextArea, TextInput } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { FormField } from './schema-form.ts'
import type { Look, ValueForm } from './use-value-form.ts'

const t = messages.form

export interface ValueFieldsProps {
  readonly label: string
  readonly form: ValueForm
  /** Faults are shown once sending was tried. */
  readonly showsFaults: boolean
  /** A fault that the server told, at the field it named; without a name at none. */
  readonly told?: { readonly name: string | undefined; readonly says: string } | undefined
  readonly onSubmit: () => void
}

export function ValueFields({ label, form, showsFaults, told, onSubmit }: ValueFieldsProps) {
  const { look, fields, drafts, faults } = form
  return (
    <section aria-label={label} className="flex flex-col gap-3">
      <div className="flex min-h-7 items-center gap-3">
        <h3 className="flex-1 font-semibold">{label}</h3>
        {fields !== undefined && (
          <Segmented<Look>
            label={messages.look}
            value={look}
            options={[
              { value: 'form', label: messages.looks.form },
              { value: 'json', label: messages.looks.json },
            ]}
            onChange={form.show}
          />
        )}
      </div>
      {look === 'json' || fields === undefined ? (
        <JsonEditor label={label} value={form.text} onChange={form.typeText} onSubmit={onSubmit} height={200} />
      ) : (
        fields.map((field) => (
          <OneField
            key={field.name}
            field={field}
            draft={drafts[field.name] ?? ''}
            fault={
              (showsFaults ? faults.get(field.name) : undefined) ?? (told?.name === field.name ? told.says : undefined)
            }
            onChange={(draft) => form.type(field.name, draft)}
          />
        ))
      )}
    </section>
  )
}

interface OneFieldProps {
  readonly field: FormField
  readonly draft: string
  readonly fault: string | undefined
  readonly onChange: (draft: string) => void
}

function OneField({ field, draft, fault, onChange }: OneFieldProps) {
  const { label, kind, hint, isRequired } = field
  if (kind === 'boolean' && draft !== '') {
    return (
      <div>
        <Checkbox
          label={label}
          checked={draft === 'true'}
          onChange={(event) => onChange(String(event.target.checked))}
          className="font-medium text-xs"
        />
        {hint !== undefined && <p className="text-muted text-xs">{hint}</p>}
        {fault !== undefined && (
          <p role="alert" className="text-failed-fg text-xs">
            {fault}
          </p>
        )}
      </div>
    )
  }
  const isNumber = kind === 'number' || kind === 'integer'
  return (
    <Field label={label} hint={hint} error={fault}>
      {(control) => {
        if (kind === 'choice' || kind === 'boolean') {
          return <Choice control={control} field={field} draft={draft} onChange={onChange} />
        }
        if (kind === 'long' || kind === 'json') {
          return (
            <TextArea
              {...control}
              isMono={kind === 'json'}
              required={isRequired}
              value={draft}
              spellCheck={kind === 'long'}
              onChange={(event) => onChange(event.target.value)}
            />
          )
        }
        return (
          <TextInput
            {...control}
            inputMode={isNumber ? 'decimal' : undefined}
            required={isRequired}
            autoComplete="off"
            value={draft}
            onChange={(event) => onChange(event.target.value)}
            className={isNumber ? 'max-w-60 tabular-nums' : ''}
          />
        )
      }}
    </Field>
  )
}

interface ChoiceProps {
  readonly control: object
  readonly field: FormField
  readonly draft: string
  readonly onChange: (draft: string) => void
}

function Choice({ control, field, draft, onChange }: ChoiceProps) {
  const { kind, choices, isRequired } = field
  const options =
    kind === 'boolean'
      ? [
          { value: 'true', label: t.yes },
          { value: 'false', label: t.no },
        ]
      : choices.map((value) => ({ value, label: wordOf(value) }))
  const blank = draft === '' || !isRequired ? [{ value: '', label: isRequired ? t.choose : t.unset }] : []
  return <Select {...control} value={draft} options={[...blank, ...options]} onChange={onChange} className="max-w-80" />
}

/** A choice without the quotes of its JSON. */
function wordOf(json: string): string {
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : json
}
