// The editor proper, on CodeMirror. It lives in a shadow root: there CodeMirror adopts constructed style sheets, while in
// the page itself it would insert a `style` element, which the content policy forbids. Tokens reach into it all the same.

import {
  autocompletion,
  type CompletionContext,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { json, jsonParseLinter } from '@codemirror/lang-json'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting, syntaxTree } from '@codemirror/language'
import { linter } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import type { JsonEditorProps } from './json-editor.tsx'
import { messages } from './messages.ts'

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--json-key)' },
  { tag: tags.string, color: 'var(--json-string)' },
  { tag: tags.number, color: 'var(--json-number)' },
  { tag: [tags.bool, tags.null], color: 'var(--json-literal)' },
])

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--bg-raised)', color: 'var(--text)', fontSize: '12px' },
  '&.cm-focused': { outline: '2px solid var(--accent-text)', outlineOffset: '-1px' },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    lineHeight: '20px',
  },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--bg-sunken)', color: 'var(--text-muted)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--bg-hover) 60%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent)',
  },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-tooltip': { backgroundColor: 'var(--bg-raised)', border: '1px solid var(--border-strong)', borderRadius: '6px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--accent-fg)' },
})

/** CodeMirror with JSON. */
export function JsonEditorCore(props: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | undefined>(undefined)
  const latest = useRef(props)
  latest.current = props
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open', delegatesFocus: true })
    const made = new EditorView({
      parent: root,
      root,
      state: EditorState.create({ doc: latest.current.value, extensions: extensionsFor(latest) }),
    })
    view.current = made
    return () => made.destroy()
  }, [])
  useEffect(() => {
    const made = view.current
    if (made === undefined || made.state.doc.toString() === props.value) return
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: props.value } })
  }, [props.value])
  return (
    <div
      ref={host}
      data-typing
      className="resize-y overflow-hidden rounded-md border border-border-strong"
      style={{ height: props.height ?? 240 }}
    />
  )
}

function extensionsFor(latest: React.RefObject<JsonEditorProps>) {
  const submit = () => {
    latest.current.onSubmit?.()
    return latest.current.onSubmit !== undefined
  }
  return [
    EditorState.readOnly.of(latest.current.isReadOnly ?? false),
    keymap.of([
      { key: 'Mod-Enter', run: submit },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      indentWithTab,
    ]),
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    json(),
    linter(jsonParseLinter()),
    autocompletion({ override: [(context) => completeKey(context, latest.current.complete)] }),
    syntaxHighlighting(colours),
    look,
    EditorView.contentAttributes.of({
      tabindex: '0',
      'aria-label': `${latest.current.label}. ${messages.editor.keys}`,
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange(update.state.doc.toString())
    }),
  ]
}

/** Offers names for a key: known ones of the object that the cursor stands in. */
function completeKey(context: CompletionContext, complete: JsonEditorProps['complete']) {
  if (complete === undefined) return null
  const word = context.matchBefore(/"?[\w$ -]*/)
  const node = syntaxTree(context.state).resolveInner(context.pos, -1)
  const isInKey =
    node.name === 'PropertyName' || node.name === 'Object' || node.name === 'Property' || node.name === '⚠'
  if (!isInKey || (word !== null && word.from === word.to && !context.explicit)) return null
  const names = complete(pathAt(context))
  if (names.length === 0) return null
  return {
    from: word?.from ?? context.pos,
    options: names.map((name) => ({
      label: JSON.stringify(name),
      type: 'property',
      apply: `${JSON.stringify(name)}: `,
    })),
    validFor: /^"?[\w$ -]*"?$/,
  }
}

/** Names and places from the root to the object around the cursor. */
function pathAt(context: CompletionContext): readonly string[] {
  const path: string[] = []
  let node = syntaxTree(context.state).resolveInner(context.pos, -1).node
  for (;;) {
    const { parent } = node
    if (parent === null) return path.reverse()
    const isInValue = parent.name === 'Property' && node.name !== 'PropertyName'
    const name = isInValue ? parent.getChild('PropertyName') : null
    if (name !== null) path.push(JSON.parse(context.state.sliceDoc(name.from, name.to)) as string)
    if (parent.name === 'Array') path.push('[]')
    node = parent
  }
}
