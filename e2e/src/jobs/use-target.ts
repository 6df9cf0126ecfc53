/**
 * A target for the tests of a file: opened before them, closed after.
 */
import { afterAll, beforeAll } from 'vitest'
import { Target } from './target.ts'

export function useTarget(): () => Target {
  let target: Target | undefined
  beforeAll(async () => {
    target = await Target.open()
  })
  afterAll(() => target?.close())
  return () => {
    if (target === undefined) throw new Error('The target has not been opened yet')
    return target
  }
}
