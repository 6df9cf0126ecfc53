import { expect, it } from 'vitest'
import { chosenColumns, fittingColumns, idsBetween } from './table-columns.ts'

const columns = [
  { id: 'status', width: 100 },
  { id: 'function', width: 200, isWide: true },
  { id: 'app', width: 100, drop: 3 },
  { id: 'attempts', width: 80, drop: 2 },
  { id: 'duration', width: 100, drop: 1 },
  { id: 'cron', width: 100, drop: 4, isOffAtFirst: true },
]
const ids = (list: readonly { readonly id: string }[]) => list.map((each) => each.id)

it('the least important columns go first when room is short', () => {
  const shown = chosenColumns(columns, {})
  expect(ids(fittingColumns(shown, {}, 600))).toEqual(['status', 'function', 'app', 'attempts', 'duration'])
  expect(ids(fittingColumns(shown, {}, 500))).toEqual(['status', 'function', 'attempts', 'duration'])
  expect(ids(fittingColumns(shown, {}, 420))).toEqual(['status', 'function', 'duration'])
  expect(ids(fittingColumns(shown, {}, 50))).toEqual(['status', 'function'])
})

it('widths that the user set count', () => {
  const choice = { widths: { function: 400 } }
  expect(ids(fittingColumns(chosenColumns(columns, choice), choice, 700))).toEqual([
    'status',
    'function',
    'attempts',
    'duration',
  ])
})

it('the user can show what is off at first, but not hide what names the row', () => {
  expect(ids(chosenColumns(columns, { shown: ['cron'] }))).toEqual(['status', 'function', 'cron'])
})

it('a range goes either way', () => {
  expect(idsBetween(['a', 'b', 'c', 'd'], 'd', 'b')).toEqual(['b', 'c', 'd'])
  expect(idsBetween(['a', 'b'], 'gone', 'b')).toEqual(['b'])
})
