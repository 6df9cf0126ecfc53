import { expect, test } from 'vitest'
import { shownUrl } from './shown-url.ts'

test.each([
  ['http://localhost:3000/api/inngest', 'http://localhost:3000/api/inngest'],
  ['localhost:3000/api/inngest', 'localhost:3000/api/inngest'],
  ['https://app.example/x?x-vercel-protection-bypass=sk-SECRET', 'https://app.example/x?x-vercel-protection-bypass=…'],
  ['https://app.example/x?a=SECRET&SECRET&b=SECRET=', 'https://app.example/x?a=…&…&b=…'],
  ['https://user:SECRET@app.example/x', 'https://app.example/x'],
  ['https://user:SECRET@SECRET@app.example/x@y#SECRET', 'https://app.example/x@y'],
  ['user:SECRET@app.example:80/x', 'app.example:80/x'],
  [' http:///user:SECRET@app.example', 'http:///app.example'],
  ['http://user:SECRET@not a host/?SECRET', 'http://not a host/?…'],
])('%s is shown without credentials', (url, shown) => {
  expect(shownUrl(url)).toBe(shown)
})
