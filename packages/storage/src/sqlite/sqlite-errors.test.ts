// Which errors of SQLite are about the disk, and what the database does after each kind.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { StoreClock } from './clock.ts'
import { openCounters } from './counters.ts'
import { SqliteDatabase } from './database.ts'
import { createSqliteLists } from './lists.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { toStorageError } from './sqlite-errors.ts'

function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`code ${errcode}`), { code: 'ERR_SQLITE_ERROR', errcode })
}

describe('errors of SQLite', () => {
  test.each([
    [13, 'storage_full'],
    [10, 'storage_error'],
    [778, 'storage_error'], // a write failed
    [5, 'storage_error'],
    [11, 'storage_damaged'],
    [267, 'storage_damaged'], // a damaged virtual table
    [26, 'storage_damaged'],
  ])('code %i is %s', (errcode, code) => {
    expect(toStorageError(sqliteError(errcode))).toMatchObject({ code })
  })

  test.each([1, 19, 2067, 1299, 20])('code %i is about the statement and stays as it is', (errcode) => {
    const error = sqliteError(errcode)
    expect(toStorageError(error)).toBe(error)
  })

  test('errors of other origin stay as they are', () => {
    const error = new TypeError('no')
    expect(toStorageError(error)).toBe(error)
  })
})

describe('a sync that fails', () => {
  /** A database whose commits fail with the code. */
  function failing(errcode: () => number): SqliteDatabase {
    const db = new DatabaseSync(':memory:')
    for (const { sql } of MIGRATIONS) db.exec(sql)
    const prepare = db.prepare.bind(db)
    db.prepare = (sql: string) => {
      const statement = prepare(sql)
      if (sql !== 'COMMIT') return statement
      const run = statement.run.bind(statement)
      statement.run = () => {
        if (errcode() === 0) return run()
        throw sqliteError(errcode())
      }
      return statement
    }
    const clock = new StoreClock({ now: () => 1, monotonic: () => 1, offsetMs: 0, newestAt: 0 })
    const counters = openCounters(db)
    counters.putProcess(1, 1)
    return new SqliteDatabase({
      db,
      counters,
      clock,
      lists: createSqliteLists({ db }),
      process: 1,
      release: () => db.close(),
    })
  }

  const group = (number: number) => ({
    number,
    writes: [{ fence: null, rev: null, changes: [{ put: 'waitPath' as const, name: `n${number}`, path: '' }] }],
  })

  test('stops the store: nobody knows what is on the disk', async () => {
    const database = failing(() => 1034)
    await expect(database.finish(group(1))).rejects.toMatchObject({ code: 'storage_error' })
    await expect(database.finish(group(2))).rejects.toMatchObject({ code: 'storage_damaged' })
    await expect(database.state.registry()).rejects.toMatchObject({ code: 'storage_damaged' })
    await database.close()
  })

  test('another error of the disk does not, and nothing of its group is there', async () => {
    let code = 778
    const database = failing(() => code)
    await expect(database.finish(group(1))).rejects.toMatchObject({ code: 'storage_error' })
    expect(await database.written(1)).toBeNull()
    code = 0
    await database.finish(group(2))
    expect((await database.state.registry()).waitPaths).toEqual([{ name: 'n2', path: '' }])
    expect((await database.written(2))?.results).toEqual(['done'])
    await database.close()
  })
})
