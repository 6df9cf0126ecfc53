import { expect, test } from 'vitest'
import { outcomeDetail } from './why-view.ts'

test('a value that a condition saw hides its secrets, also where only the begin of its text is left', () => {
  const values = {
    'event.data.token': 'abc',
    'event.data.user': { name: 'Ann', apiKey: 'abc' },
    'event.data': '{"apiKey":"abc","name":"Ann","password":"hunt…',
    'event.data.list': '[{"token":"abc"},{"n":1},…',
    'event.data.text': '{not JSON} but a text',
  }
  expect(outcomeDetail({ expression: 'event.data.n > 1', values })).toEqual({
    expression: 'event.data.n > 1',
    values: {
      'event.data.token': '•••',
      'event.data.user': { name: 'Ann', apiKey: '•••' },
      'event.data': '{"apiKey":"•••","name":"Ann","password":"•••"',
      'event.data.list': '[{"token":"•••"},{"n":1},…',
      'event.data.text': '{not JSON} but a text',
    },
  })
})
