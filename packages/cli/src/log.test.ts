import { expect, test } from 'vitest'
import { createLog } from './log.ts'

function logged(text: boolean, write: (log: ReturnType<typeof createLog>) => void): readonly string[] {
  const lines: string[] = []
  write(createLog({ level: 'info', text, target: { write: (line) => lines.push(line) } }))
  return lines
}

test('a line of JSON has time, level, message and fields', () => {
  const [line = '', ...more] = logged(false, (log) => {
    log.info({ run: '01X' }, 'Done')
    log.debug({}, 'not this one')
  })
  expect(more).toEqual([])
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    run: '01X',
    msg: 'Done',
  })
})

test('a line for a person is short', () => {
  expect(logged(true, (log) => log.warn({ app: 'hello' }, 'Gone'))).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d warn {2}Gone app=hello\n$/),
  ])
})

test('keys and signatures never get out', () => {
  const [line = ''] = logged(false, (log) =>
    log.info(
      { authorization: 'a1', headers: { cookie: 'b2', 'x-inngest-signature': 'c3' }, request: { signingKey: 'd4' } },
      'Call',
    ),
  )
  for (const secret of ['a1', 'b2', 'c3', 'd4']) expect(line).not.toContain(secret)
})

test('what is named like a secret never gets out, at any depth and in errors too', () => {
  const cause = Object.assign(new Error('no'), { request: { headers: [{ 'X-Api-Key': 'e5' }] } })
  const lines = [false, true].flatMap((text) =>
    logged(text, (log) =>
      log.error({ a: { b: { c: { password: 'f6', n: 1 } } }, postgresUri: 'g7', err: cause }, 'No'),
    ),
  )
  expect(lines).toHaveLength(2)
  for (const line of lines) for (const secret of ['e5', 'f6', 'g7']) expect(line).not.toContain(`"${secret}"`)
  expect(lines[0]).toContain('"n":1')
})

test('what an app says cannot move the cursor', () => {
  expect(logged(true, (log) => log.info({ name: '\u001b[2J' }, 'A\u0007pp'))[0]).toMatch(/A·pp name=·\[2J\n$/)
})
