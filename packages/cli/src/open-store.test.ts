import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { openStore } from './open-store.ts'
import type { Config } from './options.ts'

async function configFor(sqliteDir: string): Promise<Config> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-config-'))
  try {
    return (await readConfig({ 'sqlite-dir': sqliteDir }, { environment: {}, folder, home: folder })).config
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the state folder', () => {
  it('is made with the folders above it', async () => {
    const above = mkdtempSync(join(tmpdir(), 'pawl-state-'))
    const store = await openStore(await configFor(join(above, 'a', 'b')))
    await store.close()
    rmSync(above, { recursive: true })
  })

  it('that cannot be made is told with its path, at once', async () => {
    await expect(openStore(await configFor('/proc/pawl/state'))).rejects.toMatchObject({
      code: 'state_unusable',
      message: expect.stringContaining('/proc/pawl/state'),
    })
  })
})
