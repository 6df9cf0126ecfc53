import { describe, expect, it } from 'vitest'
import { isWildcard, patternMatches } from './registry-cache.ts'
import { entry, registryOf } from './scenarios/rows.ts'

describe('a pattern', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'A/b', false],
    ['a/*', 'a/b', true],
    ['a/*', 'a/b/c', true],
    ['a/*', 'a/', false],
    ['a/*', 'ab', false],
    ['pat/*', 'pat/a.b.c', true],
    ['pat/a.*', 'pat/a.b.c', true],
    ['pat/a.b.*', 'pat/a.b.c', true],
    ['pat/a.b.c.*', 'pat/a.b.c', false],
    ['pat.*', 'pat.a', true],
    ['*', 'a', false],
    ['pat*', 'pattern', false],
    ['pat*', 'pat*', true],
    ['*.created', 'x.created', false],
    ['inngest/*', 'inngest/function.finished', false],
    ['inngest/function.*', 'inngest/function.finished', false],
    ['inngest/function.finished', 'inngest/function.finished', true],
    ['pawl/*', 'pawl/x', false],
  ])('%s and the event %s', (pattern, name, matches) => {
    expect(patternMatches(pattern, name)).toBe(matches)
    const registry = registryOf({ f: { triggers: [{ event: pattern }] } })
    expect(registry.listeners(name).map((fn) => fn.row.slug)).toEqual(matches ? ['app-f'] : [])
    expect(registry.mayConcern(name)).toBe(matches)
  })

  it.each([
    ['a/*', true],
    ['a.*', true],
    ['a*', false],
    ['*', false],
    ['a/*.b', false],
  ])('%s is a wildcard: %s', (pattern, is) => {
    expect(isWildcard(pattern)).toBe(is)
  })
})

describe('the registry', () => {
  it('names each listener once, in the order of keys', () => {
    const registry = registryOf({
      z: { triggers: [{ event: 'a/b' }] },
      y: { triggers: [{ event: 'a/*' }, { event: 'a/b' }] },
      x: { triggers: [{ event: 'a/*' }] },
    })
    expect(registry.listeners('a/b').map((fn) => fn.row.key)).toEqual([2, 3, 4])
  })

  it('leaves out what is archived, and still knows it by its key', () => {
    const registry = registryOf({ f: { archivedAt: 5 } })
    expect(registry.listeners('f')).toEqual([])
    expect(registry.bySlug('app-f')).toBeUndefined()
    expect(registry.fn(2)?.active).toBe(false)
  })

  it('does not compile again what has not changed, and keeps its warning', () => {
    const registry = registryOf({ f: { triggers: [{ event: 'f', expression: 'event.data.a == 1' }] } })
    const before = entry(registry, 'f')
    before.warning = 'careful'
    registry.load({ version: 2, apps: [before.app.row], functions: [{ ...before.row, version: 2 }], waitPaths: [] })
    const after = entry(registry, 'f')
    expect(after.matchers).toBe(before.matchers)
    expect([after.row.version, after.warning, registry.version]).toEqual([2, 'careful', 2])
  })

  it('knows the paths of waits by event name', () => {
    const registry = registryOf(
      {},
      {
        waitPaths: [
          { name: 'x', path: '' },
          { name: 'x', path: 'data.id' },
        ],
      },
    )
    expect(registry.waitPaths('x')).toEqual(new Set(['', 'data.id']))
    expect(registry.waitPaths('y')).toBeUndefined()
    expect([registry.mayConcern('x'), registry.mayConcern('y')]).toEqual([true, false])
  })

  it('gives apps and functions the same IDs whatever their keys', () => {
    const [one, other] = [registryOf({ f: {} }), registryOf({ g: {}, f: {} })]
    expect(entry(one, 'f').id).toBe(entry(other, 'f').id)
    expect(entry(one, 'f').id).not.toBe(entry(other, 'g').id)
  })
})
