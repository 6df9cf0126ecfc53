// The state of a form for a JSON value: fields or JSON text, whichever is looked at, over the same value. Changing the look
// takes along what was typed, so that nothing is lost on the way.

import { useMemo, useState } from 'react'
import {
  type Change,
  changesOf,
  type Drafts,
  draftsOf,
  type FormField,
  fieldsOf,
  readForm,
  type Schema,
} from './schema-form.ts'

export type Look = 'form' | 'json'

export interface ValueForm {
  readonly look: Look
  /** Absent: there is only JSON. */
  readonly fields: readonly FormField[] | undefined
  readonly drafts: Drafts
  readonly text: string
  readonly value: unknown
  readonly changes: readonly Change[]
  /** By name of the field; of JSON the editor itself says what is wrong. */
  readonly faults: ReadonlyMap<string, string>
  readonly isWrong: boolean
  readonly isTouched: boolean
  type(name: string, draft: string): void
  typeText(text: string): void
  show(look: Look): void
  reset(): void
}

interface State {
  readonly look: Look
  readonly drafts: Drafts
  readonly text: string
  readonly isTouched: boolean
}

/** A form for `given`, described by `schema`; absent: a value that is yet to be typed. */
export function useValueForm(schema: Schema | undefined, given: unknown): ValueForm {
  const fields = useMemo(() => fieldsOf(schema, given), [schema, given])
  const start = (): State => ({
    look: fields === undefined ? 'json' : 'form',
    drafts: fields === undefined ? {} : draftsOf(fields, given),
    text: textOf(given),
    isTouched: false,
  })
  const [state, setState] = useState(start)
  const look = fields === undefined ? 'json' : state.look
  const read = useMemo(
    () =>
      look === 'form' && fields !== undefined ? readForm(fields, state.drafts, given) : readText(state.text, given),
    [look, fields, state, given],
  )
  return {
    look,
    fields,
    drafts: state.drafts,
    text: state.text,
    value: read.value,
    changes: useMemo(() => changesOf(given, read.value), [given, read.value]),
    faults: read.faults,
    isWrong: read.faults.size > 0,
    isTouched: state.isTouched,
    type: (name, draft) => setState((now) => ({ ...now, isTouched: true, drafts: { ...now.drafts, [name]: draft } })),
    typeText: (text) => setState((now) => ({ ...now, isTouched: true, text })),
    show(next) {
      if (next === look || fields === undefined) return
      if (next === 'json') setState((now) => ({ ...now, look: next, text: textOf(read.value) }))
      else if (read.faults.size === 0) {
        // Fields are made for the given value; what they do not know stays visible as JSON only.
        setState((now) => ({ ...now, look: next, drafts: draftsOf(fields, read.value) }))
      }
    },
    reset: () => setState((now) => ({ ...start(), look: now.look })),
  }
}

function textOf(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2)
}

function readText(
  text: string,
  given: unknown,
): { readonly value: unknown; readonly faults: ReadonlyMap<string, string> } {
  try {
    return { value: JSON.parse(text), faults: new Map() }
  } catch (error) {
    if (text === textOf(given)) return { value: given, faults: new Map() }
    return { value: given, faults: new Map([['', error instanceof Error ? error.message : String(error)]]) }
  }
}
