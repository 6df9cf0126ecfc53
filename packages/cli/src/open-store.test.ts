import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Flags, readConfig } from './config.ts'
import { openStore, shownStore } from './open-store.ts'
import type { Config } from './options.ts'

const SILENT = { warn: () => {} }

async function configFor(flags: Flags): Promise<Config> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-config-'))
  try {
    return (await readConfig('dev', flags, { environment: {}, folder, home: folder })).config
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the state folder', () => {
  it('is made with the folders above it', async () => {
    const above = mkdtempSync(join(tmpdir(), 'pawl-state-'))
    const store = await openStore(await configFor({ 'sqlite-dir': join(above, 'a', 'b') }), SILENT)
    await store.close()
    rmSync(above, { recursive: true })
  })

  it('that cannot be made is told with its path, at once', async () => {
    await expect(openStore(await configFor({ 'sqlite-dir': '/proc/pawl/state' }), SILENT)).rejects.toMatchObject({
      code: 'state_unusable',
      message: expect.stringContaining('/proc/pawl/state'),
    })
  })
})

describe('the PostgreSQL database', () => {
  it('is shown without its credentials', async () => {
    const shown = async (uri: string) => shownStore(await configFor({ 'postgres-uri': uri }))
    expect(await shown('postgres://user:SECRET@db.example:6432/jobs?sslpassword=SECRET')).toBe(
      'PostgreSQL at db.example:6432/jobs, schema pawl',
    )
    expect(await shown('postgresql://db.example/jobs')).toBe('PostgreSQL at db.example:5432/jobs, schema pawl')
    expect(await shown('postgres:///jobs?host=/var/run/postgresql')).toBe(
      'PostgreSQL at /var/run/postgresql:5432/jobs, schema pawl',
    )
  })

  it('that cannot be reached is told with its place, and without its credentials', async () => {
    const port = await closedPort()
    const config = await configFor({ 'postgres-uri': `postgres://user:SECRET@127.0.0.1:${port}/jobs` })
    const error = await openStore(config, SILENT).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'database_unusable',
      exitCode: 78,
      message: expect.stringContaining(`PostgreSQL at 127.0.0.1:${port}/jobs, schema pawl cannot be used.`),
    })
    expect(String(error)).not.toContain('SECRET')
  })
})

/** A port on which nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
