// Answers that no SDK would give, and some that it should not: from a proxy, from another program on the port, cut off.
import type { RawAnswer } from '@pawl/protocol'
import type { Random } from './random.ts'

const SDK = { 'x-inngest-sdk': 'js:v4.24.0', 'x-inngest-req-version': '2' }

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

const ANSWERS: readonly Answer[] = [
  { status: 200, headers: {}, text: '<html>hello</html>' },
  { status: 502, headers: {}, text: 'bad gateway' },
  { status: 200, headers: {}, text: '' },
  { status: 206, headers: SDK, text: '[{"op":"StepRun","id":"86f7e437faa5a7fce15d1ddcb9eaeaea3' },
  { status: 206, headers: SDK, text: '{"not":"opcodes"}' },
  { status: 206, headers: SDK, text: '[{"op":"Nonsense","id":"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"}]' },
  { status: 206, headers: SDK, text: '[]' },
  { status: 206, headers: SDK, text: '42' },
  { status: 204, headers: SDK, text: '' },
  { status: 500, headers: SDK, text: 'not json' },
  { status: 201, headers: SDK, text: '    {"status":"odd"}' },
]

export function garbage(random: Random): RawAnswer {
  const { status, headers, text } = random.pick(ANSWERS)
  return { status, headers, body: Buffer.from(text) }
}
