import { describe, expect, test } from 'vitest'
import { signatureOf } from './signature.ts'

const start = { mode: 'start', signingKeys: 2 } as const

describe('the signatures of an app', () => {
  test('are not checked in development', () => {
    expect(signatureOf({ info: { mode: 'dev', signingKeys: 0 } }).kind).toBe('skipped')
  })

  test('were accepted when a sync worked', () => {
    expect(signatureOf({ info: start, syncs: [{ status: 'success' }] })).toEqual({
      kind: 'completed',
      text: 'Accepted at the last sync; this server signs with 2 keys.',
    })
    expect(signatureOf({ info: start, syncs: [] }).kind).toBe('waiting')
  })

  test('do not match when the app refused them, as the newest answer has it', () => {
    const refused = { status: 'error', error: { code: 'unauthorized', message: '' } } as const
    expect(signatureOf({ info: start, syncs: [refused] }).kind).toBe('failed')
    expect(signatureOf({ info: start, syncs: [refused], test: { ok: true } }).kind).toBe('completed')
    const cause = { code: 'missing_signing_key', message: '' }
    expect(signatureOf({ info: start, syncs: [{ status: 'success' }], test: { ok: false, cause } }).text).toMatch(
      /no signing key/,
    )
  })
})
