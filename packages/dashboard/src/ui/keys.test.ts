import { expect, it, vi } from 'vitest'
import { type Binding, createKeys, describeKey, type KeyPress, readKeys } from './keys.ts'

function press(key: string, extra: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    target: null,
    preventDefault: () => {},
    ...extra,
  }
}

function binding(keys: string, run: () => void, when?: () => boolean): Binding {
  return { keys, label: keys, group: 'Test', run, when }
}

/** An event target that stands in a text field. */
const field = Object.assign(new EventTarget(), {
  closest: (selector: string) => (selector.includes('input') ? {} : null),
})

it('a key runs the binding that was added last', () => {
  const keys = createKeys(() => true)
  const old = vi.fn()
  const young = vi.fn()
  keys.bind([binding('r', old)])
  const unbind = keys.bind([binding('r', young)])
  keys.handle(press('r'), 0)
  unbind()
  keys.handle(press('r'), 1)
  expect(young).toHaveBeenCalledTimes(1)
  expect(old).toHaveBeenCalledTimes(1)
})

it('a binding whose condition does not hold lets the key go on', () => {
  const keys = createKeys(() => true)
  const run = vi.fn()
  keys.bind([binding('x', run)])
  keys.bind([binding('x', vi.fn(), () => false)])
  expect(keys.handle(press('x'), 0)).toBe(true)
  expect(run).toHaveBeenCalledOnce()
})

it('no single letter fires while somebody types, but combinations and Escape do', () => {
  const keys = createKeys(() => true)
  const run = vi.fn()
  keys.bind([binding('e', run), binding('?', run), binding('mod+k', run), binding('escape', run)])
  keys.handle(press('e', { target: field }), 0)
  keys.handle(press('?', { target: field, shiftKey: true }), 0)
  expect(run).not.toHaveBeenCalled()
  keys.handle(press('k', { target: field, metaKey: true }), 0)
  keys.handle(press('Escape', { target: field }), 0)
  expect(run).toHaveBeenCalledTimes(2)
})

it('single letters can be switched off', () => {
  let isOn = false
  const keys = createKeys(() => isOn)
  const run = vi.fn()
  keys.bind([binding('e', run)])
  keys.handle(press('e'), 0)
  isOn = true
  keys.handle(press('e'), 0)
  expect(run).toHaveBeenCalledOnce()
})

it('a sequence runs when its second key comes in time', () => {
  const keys = createKeys(() => true)
  const runs = vi.fn()
  const rerun = vi.fn()
  keys.bind([binding('g r', runs), binding('r', rerun)])
  expect(keys.handle(press('g'), 0)).toBe(true)
  keys.handle(press('r'), 500)
  expect(runs).toHaveBeenCalledOnce()
  keys.handle(press('g'), 1000)
  keys.handle(press('r'), 5000)
  expect(rerun).toHaveBeenCalledOnce()
})

it('a key that another handler took is left alone', () => {
  const keys = createKeys(() => true)
  const run = vi.fn()
  keys.bind([binding('escape', run)])
  expect(keys.handle(press('Escape', { defaultPrevented: true }), 0)).toBe(false)
  expect(run).not.toHaveBeenCalled()
})

it('shift is named with letters only', () => {
  expect(describeKey(press('X', { shiftKey: true }))).toBe('shift+x')
  expect(describeKey(press('?', { shiftKey: true }))).toBe('?')
  expect(describeKey(press('Enter', { ctrlKey: true }))).toBe('mod+enter')
})

it('keys are written for the platform', () => {
  expect(readKeys('mod+k', true)).toEqual(['⌘', 'K'])
  expect(readKeys('g r', false)).toEqual(['G', 'then', 'R'])
})
