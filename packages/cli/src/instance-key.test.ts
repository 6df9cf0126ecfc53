import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instanceKey, KEY_FILE } from './instance-key.ts'
import type { Config } from './options.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-key-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function config(part: Partial<Config> = {}): Config {
  const usual = { instanceKey: '', postgresUri: '', inMemory: false, sqliteDir: folder }
  return { ...usual, ...part } as Config
}

describe('the instance key', () => {
  it('is made at the first use beside the database, for its owner alone, and stays', () => {
    const first = instanceKey(config())
    expect(first).toHaveLength(32)
    expect(statSync(join(folder, KEY_FILE)).mode & 0o777).toBe(0o600)
    expect(instanceKey(config())).toEqual(first)
    expect(readdirSync(folder)).toEqual([KEY_FILE])
    expect(readFileSync(join(folder, KEY_FILE), 'utf8').trim()).toBe(Buffer.from(first ?? []).toString('base64'))
  })

  it('is the configured one where there is one', () => {
    const key = Buffer.alloc(32, 3).toString('base64')
    expect(instanceKey(config({ instanceKey: key, postgresUri: 'postgres://db' }))).toEqual(Buffer.alloc(32, 3))
    expect(readdirSync(folder)).toEqual([])
  })

  it('is a new one each time in memory, and there is none where servers could have different ones', () => {
    expect(instanceKey(config({ inMemory: true }))).toHaveLength(32)
    expect(instanceKey(config({ postgresUri: 'postgres://db' }))).toBeNull()
    expect(readdirSync(folder)).toEqual([])
  })

  it.each(['short', Buffer.alloc(31).toString('base64'), 'x'.repeat(64), Buffer.alloc(33).toString('base64')])(
    'that cannot be one is refused without being repeated: %s',
    (text) => {
      expect(() => instanceKey(config({ instanceKey: text }))).toThrow(/32 bytes in base64/)
      try {
        instanceKey(config({ instanceKey: text }))
      } catch (error) {
        expect(String(error)).not.toContain(text)
      }
    },
  )

  it('whose file was damaged stops the start', () => {
    writeFileSync(join(folder, KEY_FILE), 'damaged')
    expect(() => instanceKey(config())).toThrow(/does not hold 32 bytes/)
  })
})
