// A field for JSON. The editor proper comes later, in its own chunk; until it is there, and where it cannot be loaded, a
// plain text field takes its place with the same text.

import { Component, lazy, Suspense, useMemo } from 'react'
import { cx } from './class-names.ts'
import { TextArea } from './field.tsx'
import { messages } from './messages.ts'

export interface JsonEditorProps {
  readonly value: string
  readonly onChange: (text: string) => void
  readonly label: string
  /** Names to offer for a key of the object at `path` (names and places from the root down). */
  readonly complete?: ((path: readonly string[]) => readonly string[]) | undefined
  readonly height?: number
  readonly isReadOnly?: boolean
  /** Ctrl or Cmd and Enter. */
  readonly onSubmit?: (() => void) | undefined
}

const Core = lazy(() => import('./json-editor-core.tsx').then((module) => ({ default: module.JsonEditorCore })))

/** An editor for JSON with colours, brackets, completion and the place of an error. */
export function JsonEditor(props: JsonEditorProps) {
  const fault = useMemo(() => faultOf(props.value), [props.value])
  const plain = <PlainEditor {...props} />
  return (
    <div>
      <WithoutCore fallback={plain}>
        <Suspense fallback={plain}>
          <Core {...props} />
        </Suspense>
      </WithoutCore>
      <p role="status" className={cx('mt-1 min-h-4 text-xs', fault === undefined ? 'text-muted' : 'text-failed-fg')}>
        {fault ?? messages.editor.ok}
      </p>
    </div>
  )
}

/** What is wrong with a JSON text, in the parser's words; undefined when it is JSON. */
export function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function PlainEditor({ value, onChange, label, height = 240, isReadOnly }: JsonEditorProps) {
  return (
    <TextArea
      isMono
      aria-label={label}
      value={value}
      readOnly={isReadOnly}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
      className="block w-full resize-y text-xs leading-5"
      style={{ height }}
    />
  )
}

interface BoundaryProps {
  readonly fallback: React.ReactNode
  readonly children: React.ReactNode
}

/** Shows the plain field when the editor's chunk cannot be loaded. */
class WithoutCore extends Component<BoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }
  override render() {
    return this.state.hasFailed ? this.props.fallback : this.props.children
  }
}
