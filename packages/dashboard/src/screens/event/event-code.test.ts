import { expect, it } from 'vitest'
import { eventCode } from './event-code.ts'

const event = { name: 'shop/paid', dataText: '{ "who": "O\'Neil", "list": [1, null], "ok": true, "no": {} }' }

it('curl has one body, safe for a shell', () => {
  expect(eventCode('curl', event, 'http://localhost:8288/e/dev')).toBe(
    `curl -X POST http://localhost:8288/e/dev \\\n  -H 'Content-Type: application/json' \\\n  --data '{"name":"shop/paid","data":{"who":"O'\\''Neil","list":[1,null],"ok":true,"no":{}}}'`,
  )
})

it('a key in an address stays a variable of the environment', () => {
  expect(eventCode('curl', event, 'https://x.example/e/$INNGEST_EVENT_KEY')).toContain(
    '"https://x.example/e/$INNGEST_EVENT_KEY"',
  )
})

it('numbers that a double cannot hold are copied as they are', () => {
  expect(eventCode('curl', { name: 'a', dataText: '{"n": 12345678901234567890}' }, 'http://x/e/k')).toContain(
    '"data":{"n": 12345678901234567890}}',
  )
})

it('TypeScript is indented into its place', () => {
  expect(eventCode('typescript', { name: 'a', dataText: '{"b":1}' }, '')).toContain(
    `  name: "a",\n  data: {\n    "b": 1\n  },\n`,
  )
})

it('Python has its own words for true and null', () => {
  expect(eventCode('python', event, '')).toContain(`        data={
            "who": "O'Neil",
            "list": [
                1,
                None,
            ],
            "ok": True,
            "no": {},
        },`)
})

it('Go has maps and slices of any', () => {
  expect(eventCode('go', event, '')).toContain(`		Data: map[string]any{
			"who": "O'Neil",
			"list": []any{
				1,
				nil,
			},
			"ok": true,
			"no": map[string]any{},
		},`)
})
