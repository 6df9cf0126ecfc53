// What only a SQLite file has: its lock, its schema's version, its soundness, and the leases that a dead process left.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { anEvent, anItem, aRun, START } from '../conformance/rows.ts'
import type { Database } from '../contract/database.ts'
import { createStore } from '../writer.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openSqlite, type SqliteFile, type SqliteSettings } from './open.ts'

const DAY = 86_400_000

describe('a SQLite file', () => {
  let folder: string
  let path: string
  const opened: Database[] = []
  const children: ChildProcess[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-file-'))
    path = join(folder, 'pawl.db')
  })

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const database of opened.splice(0)) await database.close()
    rmSync(folder, { recursive: true })
  })

  async function open(over: Partial<SqliteSettings & SqliteFile> = {}): Promise<Database> {
    const database = await openSqlite({ path, now: () => START, ...over })
    opened.push(database)
    return database
  }

  /** Writes as a server of its own that is then killed: the row of its process stays. */
  function edit(sql: string): void {
    const db = new DatabaseSync(path)
    db.exec(sql)
    db.close()
  }

  const UNCLEAN = `INSERT INTO processes (key, started_at, heartbeat_at) VALUES (1, ${START}, ${START})`

  test('a second server is kept off, and told who has the file', async () => {
    const first = await open()
    const refused = open()
    await expect(refused).rejects.toMatchObject({ code: 'storage_locked' })
    await expect(refused).rejects.toThrow(`process ${process.pid}, which started at 2026-01-01T00:00:00.000Z`)
    await first.close()
    await open()
  })

  test('the lock dies with its holder, and what the holder leased is ready again with its slots', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder(path)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await once(child.stdout, 'data')
    await expect(open()).rejects.toThrow(`process ${child.pid}`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const database = await open({ now: () => START + 5_000 })
    const [item] = await database.state.items([101])
    expect(item).toMatchObject({ state: 'ready', due: START + 5_000, claims: 2, epoch: 4, owner: 0, kind: 'sleep' })
    expect(item).toMatchObject({ holds: true, limits: ['fn:1:0'] })
    const [sleeping] = await database.state.items([102])
    expect(sleeping).toMatchObject({ state: 'sleeping', due: START + DAY })
  })

  test('a schema that is newer than the server is refused', async () => {
    await (await open()).close()
    edit(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
    await expect(open()).rejects.toMatchObject({ code: 'storage_newer' })
    edit(`PRAGMA user_version = ${MIGRATIONS.length}`)
    await open()
  })

  test('a migration that fails leaves the schema as it was', async () => {
    await (await open()).close()
    const bad = { number: MIGRATIONS.length + 1, name: 'bad', sql: 'CREATE TABLE extra (a); CREATE TABLE extra (a)' }
    await expect(open({ migrations: [...MIGRATIONS, bad] })).rejects.toThrow('extra')
    const good = { ...bad, sql: 'CREATE TABLE extra (a)' }
    await (await open({ migrations: [...MIGRATIONS, good] })).close()
    await expect(open()).rejects.toMatchObject({ code: 'storage_newer' })
  })

  test('a store of the first schema is brought up to date, with what is in it', async () => {
    const db = new DatabaseSync(path)
    db.exec(`${MIGRATIONS[0]?.sql}; PRAGMA application_id = 1348564844; PRAGMA user_version = 1`)
    db.exec(`INSERT INTO items (key, step, kind, state, due, rank, attempt, claims, epoch, owner, queued_at, again, race)
      VALUES (7, 'line:a', 'line', 'sleeping', ${START}, 0, 0, 0, 0, 0, ${START}, 0, 0)`)
    db.close()
    const { named } = await (await open()).begin({ named: ['line:a'], sessionNames: ['s'] }, [], [])
    expect(named.map(({ key }) => key)).toEqual([7])
  })

  test('the database of another program is refused', async () => {
    edit('CREATE TABLE notes (text)')
    await expect(open()).rejects.toMatchObject({ code: 'storage_damaged', message: expect.stringContaining('another') })
  })

  test('a file that is no database is refused, and the lock is given back', async () => {
    writeFileSync(path, 'not a database, but long enough to be taken for one'.repeat(100))
    await expect(open()).rejects.toMatchObject({ code: 'storage_damaged' })
    rmSync(path)
    await open()
  })

  test('after an unclean stop a damaged file is found', async () => {
    const database = await open()
    const changes = Array.from({ length: 2_000 }, (_, index) => ({
      put: 'event' as const,
      row: anEvent({ key: 1_000 + index }),
      body: '{"a":"something that fills pages"}',
    }))
    await database.finish({ number: 1, writes: [{ fence: null, rev: null, changes }] })
    await database.close()
    const bytes = readFileSync(path)
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 8_192)
    edit(UNCLEAN)
    writeFileSync(path, bytes)
    // The damage is not looked for after a clean stop: that would read the whole file at each start.
    await (await open()).close()
    edit(UNCLEAN)
    await expect(open()).rejects.toMatchObject({ code: 'storage_damaged', message: expect.stringContaining('recover') })
  })

  test('after an unclean stop a sound file opens', async () => {
    await (await open()).close()
    edit(UNCLEAN)
    const database = await open()
    expect(await database.written(1)).toBeNull()
  })

  test('a wall clock more than a day behind the store is refused', async () => {
    const database = await open()
    await database.finish({ number: 1, writes: [{ fence: null, rev: null, changes: [{ end: 'item', key: 1 }] }] })
    await database.close()
    const behind = open({ now: () => START - DAY - 1 })
    await expect(behind).rejects.toMatchObject({ code: 'clock_behind' })
    const held = await open({ now: () => START - DAY })
    expect((await held.state.clock()).now).toBe(START)
  })

  test('a process that died has left its time', async () => {
    await (await open()).close()
    edit(`INSERT INTO processes (key, started_at, heartbeat_at) VALUES (1, ${START}, ${START + DAY})`)
    const database = await open()
    expect((await database.state.clock()).now).toBe(START + DAY)
  })

  /** The files as a loss of power would leave them now, the end of the log cut off. */
  function copy(cutBytes = 0): string {
    const there = join(folder, 'copy.db')
    copyFileSync(path, there)
    const log = readFileSync(`${path}-wal`)
    writeFileSync(`${there}-wal`, log.subarray(0, log.length - cutBytes))
    return there
  }

  test('a reset that lowers the time does not keep the next start away', async () => {
    const before = await open()
    await write(before, [{ set: 'clockOffset', ms: 30 * DAY }], 1)
    await before.close()
    const database = await open()
    await write(database, [{ put: 'event', row: anEvent({ key: 900 }), body: '{}' }], 2)
    await write(database, [{ end: 'everything' }], 3)
    const again = await open({ path: copy() })
    expect((await again.state.clock()).now).toBe(START)
  })

  test('after a loss of power the last whole commit is there', async () => {
    const database = await open()
    await write(database, [{ put: 'event', row: anEvent({ key: 900 }), body: '{}' }], 1)
    await write(database, [{ put: 'event', row: anEvent({ key: 901 }), body: '{}' }], 2)
    const whole = await open({ path: copy() })
    expect((await whole.lists.totals()).events).toBe(2)
    await whole.close()
    const torn = await open({ path: copy(100) })
    expect(await torn.state.events([900, 901])).toHaveLength(1)
  })

  test("a lock that cannot be read is nobody's", async () => {
    writeFileSync(`${path}.lock`, 'torn'.repeat(1_000))
    await open()
    await expect(open()).rejects.toMatchObject({ code: 'storage_locked' })
  })

  test('a full disk rejects the group as storage_full, and the store goes on when there is room', async () => {
    const small = { number: MIGRATIONS.length + 1, name: 'small', sql: 'PRAGMA max_page_count = 120' }
    const database = await open({ migrations: [...MIGRATIONS, small] })
    const store = createStore({ database, turn: queueMicrotask })
    const send = (bytes: number) =>
      store.commit({
        needs: { backlog: [1] },
        decide: (facts) => {
          const row = anEvent({ key: facts.key() })
          return { changes: [{ put: 'event', row, body: `"${'x'.repeat(bytes)}"` }], result: row.key }
        },
      })
    await send(10)
    const settled = await Promise.allSettled([send(10), send(600_000), send(10)])
    expect(settled.map((one) => (one.status === 'rejected' ? one.reason.code : one.status))).toEqual([
      'storage_full',
      'storage_full',
      'storage_full',
    ])
    expect((await store.lists.totals()).events).toBe(1)
    expect(await send(10)).toMatchObject({ done: expect.any(Number) })
    expect((await store.lists.totals()).events).toBe(2)
  })

  test('what is closed says so', async () => {
    const database = await open()
    await database.close()
    await database.close()
    await expect(database.reserveKeys(1)).rejects.toMatchObject({ code: 'storage_closed' })
    await expect(database.state.clock()).rejects.toMatchObject({ code: 'storage_closed' })
  })

  test('a relaxed store opens and commits', async () => {
    const database = await open({ durability: 'relaxed' })
    await write(database, [{ put: 'event', row: anEvent({ key: 900 }), body: '{}' }], 1)
    expect(await database.state.events([900])).toHaveLength(1)
  })
})

async function write(
  database: Database,
  changes: Parameters<Database['finish']>[0]['writes'][number]['changes'],
  number: number,
): Promise<void> {
  await database.finish({ number, writes: [{ fence: null, rev: null, changes }] })
}

/** A program that opens the store, leases an item and waits to be killed. */
function holder(path: string): string {
  const door = new URL('./open.ts', import.meta.url)
  const run = aRun({ key: 100 })
  const slot = { holds: true, limits: ['fn:1:0'] }
  const leased = anItem({ key: 101, run: 100, kind: 'sleep', state: 'leased', claims: 2, epoch: 4, owner: 9, ...slot })
  const sleeping = anItem({ key: 102, run: 100, step: '!finish', state: 'sleeping', due: START + DAY })
  const changes = [
    { put: 'run', row: run },
    { put: 'item', row: leased },
    { put: 'item', row: sleeping },
  ]
  return `
    import { openSqlite } from ${JSON.stringify(`file://${fileURLToPath(door)}`)}
    const database = await openSqlite({ path: ${JSON.stringify(path)}, now: () => ${START} })
    await database.finish({ number: 1, writes: [{ fence: null, rev: null, changes: ${JSON.stringify(changes)} }] })
    console.log('ready')
    setInterval(() => {}, 1000)
  `
}
