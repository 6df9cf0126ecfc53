import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSeal } from './seal.ts'

const KEY = new Uint8Array(32).fill(7)

describe('a seal', () => {
  const seal = createSeal(KEY, randomBytes)

  it.each(['', 'Bearer abc', 'ключ 🔑', 'x'.repeat(100_000)])('opens what it sealed', (text) => {
    const sealed = seal.seal(text)
    expect(sealed).toMatch(/^v1:[\w+/]{16}:[\w+/]{22}==:[\w+/]*={0,2}$/)
    expect(seal.open(sealed)).toBe(text)
    if (text !== '') expect(sealed).not.toContain(text)
  })

  it('writes the same text differently each time', () => {
    expect(seal.seal('same')).not.toBe(seal.seal('same'))
  })

  it('does not open what was changed, or was sealed under another key', () => {
    const sealed = seal.seal('secret')
    const [version, iv, tag, data = ''] = sealed.split(':')
    const other = data.startsWith('A') ? `B${data.slice(1)}` : `A${data.slice(1)}`
    const wrong = { code: 'instance_key_wrong' }
    expect(() => seal.open([version, iv, tag, other].join(':'))).toThrow(expect.objectContaining(wrong))
    expect(() => seal.open('v2:::')).toThrow(expect.objectContaining(wrong))
    expect(() => seal.open(`v1:${iv}:${tag?.slice(0, 6)}:${data}`)).toThrow(expect.objectContaining(wrong))
    expect(() => createSeal(new Uint8Array(32), randomBytes).open(sealed)).toThrow(expect.objectContaining(wrong))
  })

  it('without a key neither seals nor opens', () => {
    const none = createSeal(null, randomBytes)
    expect(none.isUsable).toBe(false)
    expect(() => none.seal('a')).toThrow(expect.objectContaining({ code: 'instance_key_missing' }))
    expect(() => none.open(seal.seal('a'))).toThrow(expect.objectContaining({ code: 'instance_key_missing' }))
  })
})
