import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
let runs: string[]
beforeAll(async () => {
  server = await startTestServer()
  server.answer(({ fnId }) =>
    fnId === 'shop-fail'
      ? { status: 400, body: { name: 'Refused', message: '=1+1' }, headers: { 'x-inngest-no-retry': 'true' } }
      : { status: 200, body: { password: 'hunter2', n: 1 } },
  )
  await server.register({ one: {}, fail: {} })
  runs = [
    await server.run('shop/one', 'Completed', { apiKey: 'abc', n: 1 }),
    await server.run('shop/fail', 'Failed', { n: 2 }),
  ]
})
afterAll(() => server.close())

const rows = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))

describe('an export', () => {
  test('of runs is a file of JSON lines with what the list shows', async () => {
    const reply = await server.ask('GET /v2/runs/export')
    expect(reply.headers['content-disposition']).toMatch(/^attachment; filename="runs-\d{8}T\d{4}\.ndjson"$/)
    expect(rows(reply.text).map((row) => at(row, 'id'))).toEqual([runs[1], runs[0]])
    expect(reply.text).not.toContain('output')
  })

  test('hides what is secret in payloads that are asked for', async () => {
    const { text } = await server.ask('GET /v2/runs/export?includeOutput=true&status=COMPLETED')
    expect(rows(text)).toMatchObject([{ id: runs[0], output: { password: '•••', n: 1 } }])
    const events = await server.ask('GET /v2/events/export?includeData=true&name=shop/one')
    expect(rows(events.text)).toMatchObject([{ name: 'shop/one', event: { data: { apiKey: '•••', n: 1 } } }])
  })

  test('of runs by their IDs has these only', async () => {
    const { text } = await server.ask(`GET /v2/runs/export?runId=${runs[0]}&runId=01J00000000000000000000000`)
    expect(rows(text).map((row) => at(row, 'id'))).toEqual([runs[0]])
  })

  test('as CSV has a head, and no cell that a spreadsheet takes for a formula', async () => {
    await server.ask('POST /e/key', { body: { name: '=cmd|calc', data: {} } })
    const reply = await server.ask('GET /v2/events/export?format=csv')
    const [head, first] = reply.text.split('\r\n')
    expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(head).toBe('id,eventId,name,ts,receivedAt,sizeBytes,runs,event')
    expect(first).toContain(",'=cmd|calc,")
    const failed = (await server.ask('GET /v2/runs/export?format=csv&includeOutput=true&status=FAILED')).text
    expect(failed.split('\r\n')[1]).toMatch(
      /^[0-9A-Z]{26},FAILED,shop-fail,shop,shop\/fail,,.*,0,,,"\{""message"":""=1\+1""/,
    )
  })

  test.each(['format=xml', 'runId=x', 'query=(', 'from=soon'])('is refused for %s', async (parameters) => {
    expect((await server.ask(`GET /v2/runs/export?${parameters}`)).status).toBe(400)
  })
})
