import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, type Reply, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
let run: string
let failed: string
let event: string

const BIG = 'ä'.repeat(1_000)

beforeAll(async () => {
  server = await startTestServer()
  await server.register({ pay: {}, fail: {}, big: {} })
  server.answer(({ fnId, steps }) => {
    if (fnId.endsWith('fail')) {
      return {
        status: 400,
        body: { name: 'CardError', message: 'No', stack: 's' },
        headers: { 'x-inngest-no-retry': 'true' },
      }
    }
    if (fnId.endsWith('big'))
      return { status: 200, body: Array.from({ length: 40_000 }, (_, n) => ({ n, text: 'x'.repeat(100) })) }
    if (Object.keys(steps).length > 0) return { status: 200, body: { ok: true, apiKey: 'k-123', text: BIG } }
    const step = {
      id: 'a'.repeat(40),
      op: 'StepRun',
      name: 'charge',
      displayName: 'charge',
      data: { charged: 1, secret: 's-456' },
      opts: { input: [{ card: 1, token: 't-789' }] },
    }
    return { status: 206, body: [step] }
  })
  run = await server.run('shop/pay', 'Completed', { userId: 7, password: 'p-000' })
  failed = await server.run('shop/fail', 'Failed')
  event = String(at((await server.ask(`GET /v2/runs/${run}`)).json, 'data', 'trigger', 'eventIds', 0))
})
afterAll(() => server.close())

function payload(of: string, query: string): Promise<Reply> {
  return server.ask(`GET /v2/${of}/payload${query}`)
}

function textOf(reply: Reply): unknown {
  return JSON.parse(String(at(reply.json, 'data', 'text')))
}

const hidden = '•••'

describe('a payload', () => {
  test('of a run is its events, its output or its error', async () => {
    expect(textOf(await payload(`runs/${run}`, '?part=input'))).toMatchObject([
      { name: 'shop/pay', data: { userId: 7, password: hidden } },
    ])
    expect(textOf(await payload(`runs/${run}`, '?part=output'))).toEqual({ ok: true, apiKey: hidden, text: BIG })
    expect(textOf(await payload(`runs/${failed}`, '?part=error'))).toMatchObject({ name: 'CardError', message: 'No' })
  })

  test('of a run is its configuration as it was', async () => {
    const asItWas = textOf(await payload(`runs/${run}`, '?part=config'))
    await server.register({ pay: { retries: { attempts: 9 }, concurrency: 3 }, fail: {}, big: {} })
    expect(textOf(await payload(`runs/${run}`, '?part=config'))).toEqual(asItWas)
    expect(JSON.stringify(asItWas)).toContain('shop/pay')
  })

  test('of a span is what went in and what came out', async () => {
    const trace = await server.ask(`GET /v2/runs/${run}/trace`)
    const span = String(at(trace.json, 'data', 'rootSpan', 'children', 0, 'id'))
    expect(textOf(await payload(`runs/${run}`, `?part=span/${span}/output`))).toEqual({
      data: { charged: 1, secret: hidden },
    })
    expect(textOf(await payload(`runs/${run}`, `?part=span/${span}/input`))).toEqual([{ card: 1, token: hidden }])
  })

  test('of an event is all of it', async () => {
    const reply = await payload(`events/${event}`, '')
    expect(textOf(reply)).toMatchObject({ name: 'shop/pay', data: { userId: 7, password: hidden } })
    expect(at(reply.json, 'data')).toMatchObject({ part: 'event', from: 0, isMasked: true })
  })

  test.each(['error', 'span/0123456789abcdef/output', 'span/x/output', 'steps', '', '__proto__'])(
    'is refused for a part that is not there: %s',
    async (part) => {
      const reply = await payload(`runs/${run}`, `?part=${part}`)
      expect(reply).toMatchObject({
        status: 404,
        json: { errors: [{ code: 'payload_not_found', path: 'part', hint: expect.any(String) }] },
      })
    },
  )

  test('is refused for what is not there', async () => {
    const none = '01J00000000000000000000000'
    expect((await payload(`runs/${none}`, '?part=input')).status).toBe(404)
    expect((await payload(`events/${none}`, '')).status).toBe(404)
    expect((await payload(`runs/${failed}`, '?part=output')).status).toBe(404)
    expect((await payload(`runs/${run}`, '')).status).toBe(400)
  })

  test('comes in pieces that are the whole, with its size and hash', async () => {
    const whole = at((await payload(`runs/${run}`, '?part=output')).json, 'data') as {
      text: string
      totalBytes: number
      sha256: string
    }
    expect(whole.totalBytes).toBe(Buffer.byteLength(whole.text))
    expect(whole.sha256).toBe(createHash('sha256').update(whole.text).digest('hex'))
    let text = ''
    for (let from = 0; from < whole.totalBytes; ) {
      const piece = at((await payload(`runs/${run}`, `?part=output&from=${from}&bytes=333`)).json, 'data') as {
        text: string
        until: number
        from: number
        sha256: string
      }
      expect(piece.sha256).toBe(whole.sha256)
      expect(Buffer.byteLength(piece.text)).toBe(piece.until - piece.from)
      text += piece.text
      from = piece.until
    }
    expect(text).toBe(whole.text)
    expect((await payload(`runs/${run}`, `?part=output&from=${whole.totalBytes + 1}`)).status).toBe(416)
    for (const wrong of ['from=-1', 'from=x', 'bytes=0', 'bytes=99999999']) {
      expect((await payload(`runs/${run}`, `?part=output&${wrong}`)).status, wrong).toBe(400)
    }
  })

  test('shows what is hidden to who asks for it, and the log says to whom', async () => {
    const before = server.log.length
    const reply = await payload(`runs/${run}`, '?part=output&reveal=true')
    expect(textOf(reply)).toMatchObject({ apiKey: 'k-123' })
    expect(at(reply.json, 'data')).not.toHaveProperty('isMasked')
    const lines = server.log.slice(before).filter(({ message }) => message.includes('Hidden values'))
    expect(lines).toMatchObject([{ fields: { who: 'anyone', address: '127.0.0.1', run, part: 'output' } }])
    expect(JSON.stringify(lines)).not.toContain('k-123')
    await payload(`runs/${failed}`, '?part=error&reveal=true')
    expect(server.log.slice(before).filter(({ message }) => message.includes('Hidden values'))).toHaveLength(1)
  })

  test('of five megabytes opens well under a second', async () => {
    const big = await server.run('shop/big', 'Completed')
    const began = performance.now()
    const reply = await payload(`runs/${big}`, '?part=output&bytes=10485760')
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(at(reply.json, 'data', 'totalBytes')).toBeGreaterThan(4_500_000)
  })
})

describe('a payload as a file', () => {
  const raw = (headers: Record<string, string> = {}, query = '?part=output'): Promise<Reply> =>
    server.ask(`GET /v2/runs/${run}/payload/raw${query}`, { headers })

  test('is saved, never shown', async () => {
    const reply = await raw()
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="run-${run}-output.json"`,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    })
    expect(JSON.parse(reply.text)).toMatchObject({ apiKey: hidden })
    expect((await raw({}, '?part=output&reveal=true')).text).toContain('k-123')
    expect((await server.ask(`GET /v2/events/${event}/payload/raw`)).text).toContain('shop/pay')
  })

  test('comes by ranges', async () => {
    const whole = await raw()
    const { etag } = whole.headers
    const part = await raw({ range: 'bytes=2-5', 'if-range': String(etag) })
    const bytes = Buffer.from(whole.text)
    expect(part).toMatchObject({
      status: 206,
      headers: { 'content-range': `bytes 2-5/${bytes.length}`, 'content-length': '4' },
    })
    expect(part.text).toBe(bytes.subarray(2, 6).toString())
    expect((await raw({ range: 'bytes=2-5', 'if-range': '"other"' })).status).toBe(200)
    const behind = await raw({ range: `bytes=${bytes.length}-` })
    expect(behind).toMatchObject({ status: 416, headers: { 'content-range': `bytes */${bytes.length}` } })
  })
})
