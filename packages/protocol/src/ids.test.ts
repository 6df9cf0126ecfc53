import { describe, expect, it } from 'vitest'
import { hashStepId, uuidFrom } from './ids.ts'

describe('hashStepId', () => {
  it('hashes as SDKs do', () => {
    expect(hashStepId('a')).toBe('86f7e437faa5a7fce15d1ddcb9eaeaea377667b8')
    expect(hashStepId('complete')).toMatch(/^[0-9a-f]{40}$/)
  })
})

describe('uuidFrom', () => {
  it('gives the same UUID of version 5 for the same names', () => {
    const id = uuidFrom('pawl/function', 'app-hello')
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuidFrom('pawl/function', 'app-hello')).toBe(id)
  })

  it('tells namespaces and names apart', () => {
    const ids = [uuidFrom('a', 'bc'), uuidFrom('ab', 'c'), uuidFrom('a', 'bd'), uuidFrom('b', 'bc')]
    expect(new Set(ids).size).toBe(4)
  })
})
