import { describe, expect, test } from 'vitest'
import type { Job } from '../../api/index.ts'
import { draftOf, newDraft, readDraft, scheduleOf, usedHeaders } from './job-draft.ts'

const typed = { ...newDraft('UTC'), name: 'Ping', url: 'https://example.com/ping', method: 'GET' as const }

function job(over: Partial<Job> = {}): Job {
  return {
    id: '01J',
    name: 'Orders',
    enabled: true,
    intervalMinutes: 60,
    startMinute: 5,
    startHour: 0,
    timeZone: 'Europe/Berlin',
    anchorDate: '2026-11-24',
    request: {
      url: 'https://example.com/orders',
      method: 'POST',
      headers: [
        { name: 'Authorization', secret: true, hasValue: true },
        { name: 'X-Team', value: 'blue', hasValue: true },
      ],
      body: { all: true },
    },
    timeoutSeconds: 20,
    createdAt: '2026-11-24T00:00:00Z',
    updatedAt: '2026-11-24T00:00:00Z',
    stats: { totalRuns: 0, successfulRuns: 0, failedRuns: 0, skippedRuns: 0 },
    ...over,
  }
}

describe('a job that is typed', () => {
  test('is what the API takes', () => {
    const { job: read, faults } = readDraft(typed)
    expect([...faults]).toEqual([])
    expect(read).toMatchObject({
      name: 'Ping',
      intervalMinutes: 15,
      startMinute: 0,
      timeZone: 'UTC',
      timeoutSeconds: 30,
    })
    expect(read.request).toEqual({ url: 'https://example.com/ping', method: 'GET', headers: [], body: null })
  })

  test('has its faults under the paths of the API', () => {
    const headers = [
      { row: 0, name: '', value: '', isSecret: false },
      { row: 1, name: '', value: 'x', isSecret: false },
      { row: 2, name: 'Cookie', value: '', isSecret: true },
    ]
    const bad = { ...typed, name: ' ', interval: '0', startMinute: '60', timeZone: 'Mars/X', url: 'ftp://x', headers }
    const { faults } = readDraft({ ...bad, method: 'POST', bodyKind: 'json', body: '{', timeout: 'x' })
    expect([...faults.keys()].sort()).toEqual([
      'intervalMinutes',
      'name',
      'request.body',
      'request.headers[0].name',
      'request.headers[1].value',
      'request.url',
      'startMinute',
      'timeZone',
      'timeoutSeconds',
    ])
  })

  test('has no schedule to show while a part of it is missing', () => {
    expect(scheduleOf({ ...typed, interval: '' })).toBeUndefined()
    expect(scheduleOf({ ...typed, interval: '7', anchorDate: '2026-01-01' })).toEqual({
      intervalMinutes: 7,
      startMinute: 0,
      startHour: 0,
      timeZone: 'UTC',
      anchorDate: '2026-01-01',
    })
  })

  test('sends a text with its content type, and a body only where the method takes one', () => {
    const text = { ...typed, bodyKind: 'text' as const, body: 'a=1', contentType: 'application/x-www-form-urlencoded' }
    expect(readDraft({ ...text, method: 'PUT' }).job.request).toMatchObject({
      body: 'a=1',
      headers: [{ name: 'Content-Type', value: 'application/x-www-form-urlencoded' }],
    })
    expect(readDraft(text).job.request).toMatchObject({ body: null, headers: [] })
  })
})

describe('a job that is edited', () => {
  test('keeps a secret header that was not touched, and sends one that was typed', () => {
    const draft = draftOf(job(), { isCopy: false })
    expect(readDraft(draft).job.request.headers).toEqual([
      { name: 'Authorization', secret: true },
      { name: 'X-Team', value: 'blue', secret: false },
    ])
    const headers = draft.headers.map((header) => (header.row === 0 ? { ...header, value: 'Bearer new' } : header))
    expect(readDraft({ ...draft, headers }).job.request.headers?.[0]).toEqual({
      name: 'Authorization',
      value: 'Bearer new',
      secret: true,
    })
  })

  test('needs the value of a secret header that was renamed or is secret no more', () => {
    const draft = draftOf(job(), { isCopy: false })
    const renamed = draft.headers.map((header) => (header.row === 0 ? { ...header, name: 'X-Auth' } : header))
    expect(readDraft({ ...draft, headers: renamed }).faults.has('request.headers[0].value')).toBe(true)
  })

  test('as a copy asks for its secrets again', () => {
    const copy = draftOf(job({ hasSigningSecret: true }), { isCopy: true })
    expect(copy.name).toBe('Orders (copy)')
    expect([...readDraft(copy).faults.keys()]).toEqual(['request.headers[0].value', 'signingSecret'])
    expect(usedHeaders(copy).length).toBe(2)
  })

  test('shows the content type of a text beside the text, and it goes back as a header', () => {
    const headers = [{ name: 'Content-Type', value: 'application/xml', hasValue: true }]
    const draft = draftOf(job({ request: { url: 'https://example.com', method: 'PUT', headers, body: '<a/>' } }), {
      isCopy: false,
    })
    expect(draft).toMatchObject({ bodyKind: 'text', body: '<a/>', contentType: 'application/xml', headers: [] })
    expect(readDraft(draft).job.request.headers).toEqual([{ name: 'Content-Type', value: 'application/xml' }])
  })
})
