import { describe, expect, test } from 'vitest'
import { hintOf, type KnownError, readError } from './error-hints.ts'
import { messages } from './messages.ts'
import { eventCommand, quoted, rerunCommand } from './run-command.ts'
import { timeOfId, whyAbsent } from './run-id.ts'
import { type Frame, readStack } from './stack-frames.ts'

describe('a hint', () => {
  test.each<[error: KnownError, hint: keyof typeof messages.hints]>([
    [{ message: 'connect ECONNREFUSED 127.0.0.1:3000' }, 'localAddress'],
    [{ message: 'connection refused', url: 'http://localhost:3000/api/inngest' }, 'localAddress'],
    [{ message: 'connect ECONNREFUSED 10.0.0.7:3000' }, 'refused'],
    [{ message: 'getaddrinfo ENOTFOUND app' }, 'unknownHost'],
    [{ status: 401, message: 'Unauthorized' }, 'signature'],
    [{ status: 404, body: '<!DOCTYPE html><html>' }, 'notTheEndpoint'],
    [{ status: 413 }, 'tooLarge'],
    [{ message: 'request entity too large' }, 'tooLarge'],
    [{ message: 'The call timed out', tookMs: 60_020 }, 'hostLimit'],
    [{ message: 'The call timed out', tookMs: 47_000 }, 'timeOut'],
    [{ message: 'Could not find function with ID "shop-order"' }, 'functionGone'],
    [{ message: 'socket hang up' }, 'reset'],
    [{ message: 'no such overload: int < double' }, 'noOverload'],
  ])('for %j', (error, hint) => {
    expect(hintOf(error)).toBe(messages.hints[hint])
  })

  test('is not given for an error of the user’s own', () => {
    expect(hintOf({ name: 'Error', message: 'Card declined' })).toBeUndefined()
    expect(hintOf({ status: 404, body: '{"error":"no such customer"}' })).toBeUndefined()
  })
})

describe('a stored error', () => {
  test('is read bare and inside of the answer of a step', () => {
    expect(readError('{"name":"TypeError","message":"x"}')).toMatchObject({ name: 'TypeError', message: 'x' })
    expect(readError('{"error":{"message":"x","cause":{"message":"y"}}}')).toMatchObject({
      message: 'x',
      cause: { message: 'y' },
    })
    expect(readError('"plain"')).toEqual({ message: 'plain' })
  })

  test('that was cut or is none is not guessed at', () => {
    expect(readError('{"name":"Ty')).toBeUndefined()
    expect(readError('[1]')).toBeUndefined()
  })
})

describe('a stack', () => {
  const stack = [
    'Error: Card declined',
    '    at charge (file:///srv/shop/src/charge.ts:12:9)',
    '    at async /srv/shop/src/order.ts:40:3',
    '    at async InngestExecution.tryExecuteStep (/srv/shop/node_modules/inngest/execution.js:9:1)',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
  ].join('\n')

  test('has the user’s frames in the open and the others folded', () => {
    const frames = readStack(stack, 'Card declined')
    expect(frames).toMatchObject([
      { isOwn: true, name: 'charge', place: '/srv/shop/src/charge.ts:12:9' },
      { isOwn: true, place: '/srv/shop/src/order.ts:40:3' },
      { folded: [{ isOwn: false }, { isOwn: false }] },
    ])
  })

  test('of libraries alone shows its first frames', () => {
    const frames = readStack(
      'Error: x\n    at a (node:fs:1:1)\n    at b (node:fs:2:1)\n    at c (node:fs:3:1)\n    at d (node:fs:4:1)',
      'x',
    )
    expect(frames.map((each) => ('folded' in each ? each.folded.length : each.name))).toEqual(['a', 'b', 'c', 1])
  })

  test('of Python keeps the line of code with its frame', () => {
    const frames = readStack(
      'Traceback (most recent call last):\n  File "/app/main.py", line 9, in run\n    charge()\n  File "/usr/lib/python3/site-packages/x.py", line 3, in y\n    boom()\nValueError: no',
    )
    expect(frames[0]).toMatchObject({ isOwn: true, place: '/app/main.py:9', name: 'run' })
    expect(frames[1]).toMatchObject({ text: '    charge()', isOwn: true })
    expect('folded' in (frames[2] as Frame)).toBe(true)
  })

  test('that is no stack is kept as it is', () => {
    expect(readStack('something went wrong')).toMatchObject([{ text: 'something went wrong' }])
  })
})

describe('a command', () => {
  test('reruns, with a key from the environment where one is asked for', () => {
    expect(rerunCommand('R1', { origin: 'http://x:8288', needsKey: false })).toBe(
      "curl -X POST 'http://x:8288/v2/runs/R1/rerun' \\\n  -H 'Content-Type: application/json' \\\n  --data '{}'",
    )
    expect(rerunCommand('R1', { origin: 'http://x', needsKey: true })).toContain('Bearer $INNGEST_SIGNING_KEY')
  })

  test('survives quotes in a payload', () => {
    expect(quoted("it's")).toBe(`'it'\\''s'`)
    expect(eventCommand({ name: 'a/b', data: { n: "it's" } }, { origin: 'http://x', needsKey: false })).toContain(
      `"it'\\''s"`,
    )
  })
})

describe('the id of a run', () => {
  const id = '01KAV6V7R0ABCDEFGHJKMNPQRS'

  test('tells when it was made', () => {
    expect(timeOfId('00000000010000000000000000')).toBe(1)
    expect(new Date(timeOfId(id) ?? 0).getUTCFullYear()).toBe(2025)
    expect(timeOfId('nonsense')).toBeUndefined()
  })

  test('tells whether retention removed the run', () => {
    const madeAt = timeOfId(id) ?? 0
    const day = 86_400_000
    expect(whyAbsent(id, madeAt + 31 * day, 30)).toMatchObject({ kind: 'expired', removedBy: madeAt + 30 * day })
    expect(whyAbsent(id, madeAt + 3 * day, 30)).toMatchObject({ kind: 'unknown' })
    expect(whyAbsent('x', 0, 30)).toEqual({ kind: 'malformed' })
  })
})
