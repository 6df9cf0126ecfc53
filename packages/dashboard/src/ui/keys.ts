// The registry of keyboard shortcuts: bindings come and go with the views that own them, the newest wins. Pure of React
// and of the DOM beyond the event it is handed. A single letter never fires while somebody types, and all single
// letters can be switched off; combinations with Ctrl or Cmd and Escape always work.

export interface Binding {
  /** `mod+k`, `?`, `shift+x`, `g r` (one after the other), `escape`, `enter`. `mod` is Ctrl, or Cmd on a Mac. */
  readonly keys: string
  readonly label: string
  /** Heading under which the list of keys shows it. */
  readonly group: string
  readonly run: (event: KeyPress) => void
  /** False: the key goes on to older bindings. */
  readonly when?: (() => boolean) | undefined
}

/** What is read of a keyboard event. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
  readonly target: EventTarget | null
  readonly isComposing?: boolean
  readonly defaultPrevented?: boolean
  preventDefault(): void
}

export interface Keys {
  /** Adds bindings; returns what takes them away. `isBase`: of the frame, weaker than those of any view, older or newer. */
  bind(bindings: readonly Binding[], how?: { readonly isBase?: boolean }): () => void
  /** True when a binding took the key. */
  handle(event: KeyPress, now: number): boolean
  /** Bindings in force, the newest first. */
  list(): readonly Binding[]
  subscribe(listener: () => void): () => void
  /** First keys of a sequence that waits for its next. */
  readonly pending: string
}

/** Most milliseconds between the keys of a sequence. */
const SEQUENCE_MS = 1200

/** Makes a registry. `areLettersOn` is asked at each key, since the user may switch them off. */
export function createKeys(areLettersOn: () => boolean): Keys {
  let layers: (readonly Binding[])[] = []
  let listed: readonly Binding[] | undefined
  let pending = ''
  let pendingAt = 0
  const listeners = new Set<() => void>()
  const changed = () => {
    listed = undefined
    for (const listener of listeners) listener()
  }
  const list = () => {
    listed ??= layers.toReversed().flat()
    return listed
  }
  return {
    bind(bindings, { isBase = false } = {}) {
      layers = isBase ? [bindings, ...layers] : [...layers, bindings]
      changed()
      return () => {
        layers = layers.filter((layer) => layer !== bindings)
        changed()
      }
    },
    handle(event, now) {
      if (event.defaultPrevented || event.isComposing || isModifier(event.key)) return false
      const pressed = describeKey(event)
      if (!isCombination(pressed) && (isTyping(event.target) || !areLettersOn())) return false
      const sequence = pending !== '' && now - pendingAt < SEQUENCE_MS ? `${pending} ${pressed}` : pressed
      pending = ''
      const found = find(list(), sequence) ?? find(list(), pressed)
      if (found !== undefined) {
        event.preventDefault()
        found.run(event)
        return true
      }
      if (list().some((binding) => binding.keys.startsWith(`${sequence} `) && binding.when?.() !== false)) {
        pending = sequence
        pendingAt = now
        return true
      }
      return false
    },
    list,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get pending() {
      return pending
    },
  }
}

function find(bindings: readonly Binding[], keys: string): Binding | undefined {
  return bindings.find((binding) => binding.keys === keys && binding.when?.() !== false)
}

/** The event in the words of `Binding.keys`. Shift is named only with letters: `?` already says that it was held. */
export function describeKey(event: Pick<KeyPress, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase()
  const isShiftNamed = event.shiftKey && (key.length > 1 || /^[a-z]$/.test(key))
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : ''
  return `${mod}${event.altKey ? 'alt+' : ''}${isShiftNamed ? 'shift+' : ''}${key}`
}

function isCombination(pressed: string): boolean {
  return pressed.startsWith('mod+') || pressed === 'escape'
}

function isModifier(key: string): boolean {
  return key === 'Shift' || key === 'Control' || key === 'Meta' || key === 'Alt'
}

/** Whether the key goes into a field: inputs that take text, editable elements, list boxes, menus and editors. */
export function isTyping(target: EventTarget | null): boolean {
  if (target === null || !('closest' in target) || typeof target.closest !== 'function') return false
  const found: unknown = target.closest(
    'input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true], [role=menu], [role=listbox], [role=textbox], [data-typing]',
  )
  return found !== null && found !== undefined
}

/** The keys as a person reads them: `Ctrl K`, `G then R`, `Shift X`. */
export function readKeys(keys: string, isMac: boolean): readonly string[] {
  return keys.split(' ').flatMap((press, index) => {
    const parts = press.split('+').map((part) => readKey(part === '' ? '+' : part, isMac))
    return index === 0 ? parts : ['then', ...parts]
  })
}

function readKey(part: string, isMac: boolean): string {
  const words: Record<string, string> = {
    mod: isMac ? '⌘' : 'Ctrl',
    shift: isMac ? '⇧' : 'Shift',
    alt: isMac ? '⌥' : 'Alt',
    escape: 'Esc',
    enter: 'Enter',
    space: 'Space',
    arrowup: '↑',
    arrowdown: '↓',
    arrowleft: '←',
    arrowright: '→',
    home: 'Home',
    end: 'End',
  }
  return words[part] ?? part.toUpperCase()
}
