import { expect, test } from 'vitest'
import { withoutUserInfo } from './without-user-info.ts'

test.each([
  ['https://me:secret@shop.example/api?x=a@b', 'https://shop.example/api?x=a@b'],
  ['http://me@localhost:3000', 'http://localhost:3000'],
  ['http://a@b:c@localhost', 'http://localhost'],
  ['https://shop.example/@me?to=a@b', 'https://shop.example/@me?to=a@b'],
  ['GET https://me:secret@shop.example failed', 'GET https://shop.example failed'],
  ['nothing of me@shop.example', 'nothing of me@shop.example'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutUserInfo(text)).toBe(shown)
})
