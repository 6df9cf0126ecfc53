// Reads that are asked for one by one are made together.
import { expect, test } from 'vitest'
import { gathered } from './gathered-reads.ts'

interface Row {
  readonly key: number
}

/** A read of even keys that ends when the test says so. */
function controlled() {
  const reads: { readonly keys: readonly number[]; end(error?: Error): void }[] = []
  const read = (keys: readonly number[]): Promise<readonly Row[]> =>
    new Promise((resolve, reject) => {
      const rows = keys.filter((key) => key % 2 === 0).map((key) => ({ key }))
      reads.push({ keys, end: (error) => (error === undefined ? resolve(rows) : reject(error)) })
    })
  return { reads, ask: gathered({ read, keyOf: ({ key }: Row) => key }) }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what is asked in one turn is one read, each key once, and everybody gets their own rows in their order', async () => {
  const { reads, ask } = controlled()
  const answers = Promise.all([ask([4, 2]), ask([2]), ask([3]), ask([])])
  await turn()
  expect(reads.map(({ keys }) => keys)).toEqual([[4, 2, 3]])
  reads[0]?.end()
  expect(await answers).toEqual([[{ key: 4 }, { key: 2 }], [{ key: 2 }], [], []])
})

test('what is asked while one is under way is read after it', async () => {
  const { reads, ask } = controlled()
  const first = ask([2])
  await turn()
  const later = Promise.all([ask([2]), ask([6])])
  await turn()
  expect(reads).toHaveLength(1)
  reads[0]?.end()
  await first
  await turn()
  expect(reads.map(({ keys }) => keys)).toEqual([[2], [2, 6]])
  reads[1]?.end()
  expect(await later).toEqual([[{ key: 2 }], [{ key: 6 }]])
})

test('a read that fails fails those who asked for it, and the next is made', async () => {
  const { reads, ask } = controlled()
  const both = Promise.allSettled([ask([2]), ask([4])])
  await turn()
  const next = ask([8])
  reads[0]?.end(new Error('lost'))
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await turn()
  reads[1]?.end()
  expect(await next).toEqual([{ key: 8 }])
})

test('a large question is not made larger', async () => {
  const { reads, ask } = controlled()
  const keys = Array.from({ length: 64 }, (_, index) => index * 2)
  const answers = Promise.all([ask(keys), ask([2])])
  await turn()
  reads[0]?.end()
  await turn()
  reads[1]?.end()
  expect(reads.map((read) => read.keys.length)).toEqual([64, 1])
  expect((await answers).map((rows) => rows.length)).toEqual([64, 1])
})
