import type { ItemRow } from '@pawl/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'
import { RecordKit } from '../trace/record-kit.ts'

let items: readonly ItemRow[] = []

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    fakes: { lists: { run: async () => new RecordKit().record().run, runItems: async () => items } },
  })
})
afterAll(() => server.close())

describe('the jobs of a run', () => {
  test('are its queue items, without the slot that it holds as a whole', async () => {
    items = new RecordKit()
      .open('', 'call', { state: 'blocked', line: 'limit' })
      .open('whole', 'slot', { state: 'blocked' })
      .open('finish', 'timeout')
      .record().items
    const listed = await server.ask('GET /v1/runs/01J00000000000000000000000/jobs')
    expect(at(listed.json, 'data')).toMatchObject([
      { position: 0, kind: 'edge' },
      { position: 1, kind: 'timeout' },
    ])
  })
})
