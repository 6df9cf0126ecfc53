// Form fields: a label, the control, a hint, an error, all tied together for assistive software. Controls take the
// attributes of their elements; validation is the form's own.

import { useId } from 'react'
import { cx } from './class-names.ts'

export interface FieldProps {
  readonly label: string
  /** Keeps the label for screen readers only. */
  readonly isLabelHidden?: boolean
  readonly hint?: React.ReactNode
  readonly error?: string | undefined
  /** Gets the attributes that tie the control to label, hint and error. */
  readonly children: (control: FieldControl) => React.ReactNode
}

export interface FieldControl {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': true | undefined
}

/** Label, control, hint and error: `<Field label="Name">{(control) => <TextInput {...control} />}</Field>`. */
export function Field({ label, isLabelHidden, hint, error, children }: FieldProps) {
  const id = useId()
  const hintId = `${id}-hint`
  const errorId = `${id}-error`
  const described = [error && errorId, hint && hintId].filter(Boolean).join(' ')
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'font-medium text-xs'}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <p id={errorId} role="alert" className="text-failed-fg text-xs">
          {error}
        </p>
      )}
      {hint && (
        <p id={hintId} className="text-muted text-xs">
          {hint}
        </p>
      )}
    </div>
  )
}

const box =
  'min-w-0 rounded-md border border-border-strong bg-raised text-sm text-text focus-visible:border-accent-text focus-visible:outline-offset-0 aria-invalid:border-failed-solid disabled:opacity-60'

export interface TextInputProps extends React.ComponentProps<'input'> {
  readonly isMono?: boolean
}

export function TextInput({ className, isMono, ...rest }: TextInputProps) {
  return <input type="text" {...rest} className={cx(box, 'h-7 px-2', isMono && 'mono', className)} />
}

export interface TextAreaProps extends React.ComponentProps<'textarea'> {
  readonly isMono?: boolean
}

export function TextArea({ className, isMono, ...rest }: TextAreaProps) {
  return <textarea rows={4} {...rest} className={cx(box, 'px-2 py-1.5', isMono && 'mono', className)} />
}

export interface SelectProps<T extends string> extends Omit<React.ComponentProps<'select'>, 'onChange' | 'value'> {
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly onChange: (value: T) => void
}

/** The browser's own list of choices; for long or several choices take `MultiSelect`. */
export function Select<T extends string>({ value, options, onChange, className, ...rest }: SelectProps<T>) {
  return (
    <select
      {...rest}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.target.value)
        if (chosen !== undefined) onChange(chosen.value)
      }}
      className={cx(box, 'h-7 px-1.5', className)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

export interface CheckboxProps extends Omit<React.ComponentProps<'input'>, 'type'> {
  /** Words beside the box; without them give `aria-label`. */
  readonly label?: React.ReactNode
  readonly isPartly?: boolean
}

/** A box with words beside it. `isPartly`: some but not all. */
export function Checkbox({ label, isPartly, className, ...rest }: CheckboxProps) {
  return (
    <label
      className={cx(
        'inline-flex min-h-6 min-w-6 items-center gap-2',
        label === undefined && 'justify-center',
        className,
      )}
    >
      <input
        {...rest}
        type="checkbox"
        ref={(element) => {
          if (element !== null) element.indeterminate = isPartly ?? false
        }}
        className="size-3.5 shrink-0 accent-accent"
      />
      {label}
    </label>
  )
}

export interface SwitchProps {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly isLabelHidden?: boolean
  readonly reason?: string | undefined
}

/** On or off, taking effect at once. */
export function Switch({ label, isOn, onChange, isLabelHidden, reason }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={isLabelHidden ? label : undefined}
      aria-disabled={reason !== undefined || undefined}
      title={reason}
      onClick={() => reason === undefined && onChange(!isOn)}
      className="inline-flex min-h-6 items-center gap-2 rounded-md aria-disabled:cursor-not-allowed aria-disabled:opacity-55"
    >
      <span
        aria-hidden
        className={cx(
          'inline-flex h-4 w-7 items-center rounded-full border px-0.5',
          isOn ? 'justify-end border-accent bg-accent' : 'border-border-strong bg-sunken',
        )}
      >
        <span className={cx('size-2.5 rounded-full', isOn ? 'bg-accent-fg' : 'bg-muted')} />
      </span>
      {!isLabelHidden && label}
    </button>
  )
}

export interface SegmentedProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string; readonly hint?: string }[]
  readonly onChange: (value: T) => void
}

/** One of a few choices, side by side. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  const name = useId()
  return (
    <fieldset className="inline-flex h-7 rounded-md border border-border-strong bg-sunken p-px">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          title={option.hint}
          className="relative inline-flex min-w-7 cursor-pointer items-center justify-center rounded-[5px] px-2 font-medium text-muted text-xs hover:text-text has-checked:bg-raised has-checked:text-text has-checked:shadow-[0_0_0_1px_var(--border-strong)] has-focus-visible:outline-2 has-focus-visible:outline-accent-text"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 cursor-pointer appearance-none opacity-0"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  )
}

export interface RadioProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string; readonly hint?: React.ReactNode }[]
  readonly onChange: (value: T) => void
}

/** One of a few choices, one below the other, each with a sentence. */
export function RadioGroup<T extends string>({ label, value, options, onChange }: RadioProps<T>) {
  const name = useId()
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 font-medium text-xs">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="flex min-h-6 cursor-pointer items-start gap-2">
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="mt-1 size-3.5 shrink-0 accent-accent"
          />
          <span>
            {option.label}
            {option.hint && <span className="block text-muted text-xs">{option.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
