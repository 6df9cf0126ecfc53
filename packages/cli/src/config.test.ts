import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Flags, readConfig } from './config.ts'
import { CliError } from './errors.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pawl-config-'))
  mkdirSync(join(root, 'project/inner'), { recursive: true })
  mkdirSync(join(root, 'home'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function read(flags: Flags = {}, environment: Record<string, string> = {}) {
  return readConfig('dev', flags, around(environment))
}

/** What `pawl start` has when nothing is missing, and more. */
function readStart(flags: Flags = {}, environment: Record<string, string> = {}) {
  return readConfig('start', { 'signing-key': ['00ff'], 'event-key': ['key'], ...flags }, around(environment))
}

function around(environment: Record<string, string> = {}) {
  return { environment, folder: join(root, 'project/inner'), home: join(root, 'home') }
}

function file(path: string, text: string): void {
  writeFileSync(join(root, path), text)
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CliError)
  return error instanceof Error ? error.message : ''
}

describe('where a value comes from', () => {
  test('without anything, the defaults hold', async () => {
    const { config, file: path, notes } = await read()
    expect(config).toMatchObject({
      port: 8288,
      hosts: ['127.0.0.1', '::1'],
      discovery: true,
      poll: true,
      pollIntervalMs: 5_000,
      retryIntervalMs: 0,
      sqliteDir: './.pawl',
      inMemory: false,
      durability: 'full',
      cronCatchUp: 'latest',
    })
    expect(path).toBeNull()
    expect(notes).toEqual([])
  })

  test('a flag wins over the environment, that over the file, that over the default', async () => {
    file('project/inner/pawl.json', '{ "port": 1003, "tick": 1004, "queue-workers": 5 }')
    const environment = { PAWL_PORT: '1002', PAWL_TICK: '1005' }
    const { config } = await read({ port: '1001' }, environment)
    expect(config).toMatchObject({ port: 1001, tickMs: 1005, queueWorkers: 5, pollIntervalMs: 5_000 })
  })

  test('PAWL_X wins over INNGEST_X', async () => {
    expect((await read({}, { INNGEST_PORT: '1002' })).config.port).toBe(1002)
    expect((await read({}, { INNGEST_PORT: '1002', PAWL_PORT: '1001' })).config.port).toBe(1001)
  })

  test('the file is looked for in the working folder, its parents, then the home folder', async () => {
    file('home/inngest.yml', 'port: 1003\n')
    expect((await read()).config.port).toBe(1003)
    file('project/inngest.yaml', 'port: 1002\nsdk-url:\n  - http://localhost:1\n  - http://localhost:2\n')
    expect((await read()).config).toMatchObject({ port: 1002, sdkUrls: ['http://localhost:1', 'http://localhost:2'] })
    file('project/inner/inngest.json', '{ "port": 1001 }')
    expect((await read()).config.port).toBe(1001)
  })

  test('--config names the file', async () => {
    file('other.yaml', 'noDiscovery: true\n')
    expect((await read({ config: join(root, 'other.yaml') })).config.discovery).toBe(false)
    expect(await refusal(read({ config: join(root, 'absent.yaml') }))).toContain('absent.yaml')
  })

  test('the result is frozen, lists included', async () => {
    const { config } = await read({}, { PAWL_SDK_URL: 'http://localhost:1' })
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.sdkUrls)).toBe(true)
  })
})

describe('values', () => {
  test.each([
    [{ 'poll-interval': '2' }, { pollIntervalMs: 2_000 }],
    [{ 'poll-interval': '500ms' }, { pollIntervalMs: 500 }],
    [{ 'retry-interval': '0.5' }, { retryIntervalMs: 500 }],
    [{ tick: '20' }, { tickMs: 20 }],
    [{ tick: '1s' }, { tickMs: 1_000 }],
    [{ 'no-discovery': true }, { discovery: false }],
    [{ 'sdk-url': ['a', 'b,c'] }, { sdkUrls: ['a', 'b', 'c'] }],
    [{ host: '0.0.0.0' }, { hosts: ['0.0.0.0'] }],
  ])('%o is read as %o', async (flags, expected) => {
    expect((await read(flags)).config).toMatchObject(expected)
  })

  test('a no- option is turned off by true and on by false', async () => {
    expect((await read({}, { INNGEST_NO_POLL: 'true' })).config.poll).toBe(false)
    expect((await read({}, { INNGEST_NO_POLL: 'false' })).config.poll).toBe(true)
  })

  test.each([
    [{ port: 'x' }, '--port must be a whole number from 0 to 65535, not "x".'],
    [{ port: '65536' }, '--port must be a whole number from 0 to 65535'],
    [{ tick: 'soon' }, '--tick must be a time such as 500ms'],
    [{ 'log-level': 'loud' }, '--log-level must be one of trace, debug, info, warn, error, silent, not "loud".'],
    [{ durability: 'none' }, '--durability must be one of full, relaxed'],
  ])('%o is refused', async (flags, message) => {
    expect(await refusal(read(flags))).toContain(message)
  })

  test('the place of a wrong value is named', async () => {
    expect(await refusal(read({}, { INNGEST_PORT: 'tcp://10.0.0.1:80' }))).toContain('INNGEST_PORT must be')
    file('project/pawl.json', '{ "port": true }')
    expect(await refusal(read())).toContain(`port in ${join(root, 'project/pawl.json')} must be`)
  })

  test('a wrong key is never quoted', async () => {
    file('project/pawl.json', '{ "signing-key": 12345678 }')
    const message = await refusal(read())
    expect(message).toContain('signing-key')
    expect(message).not.toContain('12345678')
  })

  test('a signing key must be hexadecimal', async () => {
    expect((await read({ 'signing-key': ['signkey-test-00ff'] })).config.signingKeys).toEqual(['signkey-test-00ff'])
    const message = await refusal(read({ 'signing-key': ['signkey-test-nonsense'] }))
    expect(message).toContain('hexadecimal')
    expect(message).not.toContain('nonsense')
  })
})

describe('production', () => {
  test('has defaults of its own', async () => {
    const { config } = await readStart()
    expect(config).toMatchObject({
      command: 'start',
      hosts: ['0.0.0.0', '::'],
      discovery: false,
      pollIntervalMs: 0,
      inMemory: false,
      sqliteDir: './.pawl',
    })
  })

  test('without keys it is refused, and all that is missing is told at once', async () => {
    const reading = readConfig('start', {}, around())
    await expect(reading).rejects.toMatchObject({ code: 'config_incomplete', exitCode: 1 })
    const message = await refusal(readConfig('start', {}, around()))
    for (const words of ['--signing-key or PAWL_SIGNING_KEY', '--event-key or PAWL_EVENT_KEY', '`pawl dev`'])
      expect(message).toContain(words)
    expect(await refusal(readStart({ 'event-key': [] }))).not.toContain('--signing-key')
    expect(await refusal(readStart({ 'signing-key': [] }))).not.toContain('--event-key')
  })

  test('several keys of each are kept in their order', async () => {
    const { config } = await readStart({}, {})
    expect(config).toMatchObject({ signingKeys: ['00ff'], eventKeys: ['key'] })
    const environment = { INNGEST_SIGNING_KEY: 'signkey-prod-aa,signkey-prod-bb', PAWL_EVENT_KEY: 'one,two' }
    const both = await readConfig('start', {}, around(environment))
    expect(both.config.signingKeys).toEqual(['signkey-prod-aa', 'signkey-prod-bb'])
    expect(both.config.eventKeys).toEqual(['one', 'two'])
  })

  test('what is for development is refused where leaving it out would surprise', async () => {
    expect(await refusal(readStart({ 'in-memory': true }))).toContain('--in-memory is for `pawl dev` only')
    expect(await refusal(readStart({}, { PAWL_IN_MEMORY: 'true' }))).toContain('PAWL_IN_MEMORY is for `pawl dev` only')
    const { config } = await readStart({ 'no-discovery': true, 'no-poll': true }, { PAWL_IN_MEMORY: 'false' })
    expect(config).toMatchObject({ discovery: false, inMemory: false })
  })
})

describe('keys and databases', () => {
  test.each(['a b', 'a/b', 'a?b', 'a#b', 'ä'])('an event key such as %j could not stand in a URL', async (key) => {
    expect(await refusal(readStart({ 'event-key': [key] }))).toContain('An event key')
  })

  test.each([
    ['mysql://user:SECRET@host/db'],
    ['host=localhost password=SECRET'],
    ['postgres://'],
    ['postgres://user:SECRET/x@host:1/db'],
  ])('%s is refused as a database, without its words', async (uri) => {
    const message = await refusal(read({ 'postgres-uri': uri }))
    expect(message).toContain('--postgres-uri must be a URL such as postgres://')
    expect(message).not.toContain('SECRET')
  })

  test('a database is taken from flag or environment by both commands', async () => {
    const uri = 'postgres://user:secret@host:5432/db'
    expect((await read({}, { INNGEST_POSTGRES_URI: uri })).config.postgresUri).toBe(uri)
    expect((await readStart({ 'postgres-uri': uri })).config.postgresUri).toBe(uri)
  })

  test('a state that is kept nowhere and in a database is refused', async () => {
    const flags = { 'in-memory': true, 'postgres-uri': 'postgres://host/db' }
    expect(await refusal(read(flags))).toContain('--in-memory and --postgres-uri exclude each other')
  })

  test('a schema that PostgreSQL would cut off or refuse is refused', async () => {
    const uri = 'postgres://host/db'
    for (const name of ['x'.repeat(64), 'pg_jobs'])
      expect(await refusal(read({ 'postgres-uri': uri, 'postgres-schema': name }))).toContain('--postgres-schema')
  })
})

describe('names', () => {
  test('an unknown key of the file is refused with the nearest name', async () => {
    file('project/pawl.json', '{ "sdk-urls": ["http://localhost:1"] }')
    expect(await refusal(read())).toContain('"sdk-urls" in')
    expect(await refusal(read())).toContain('did you mean "sdk-url"?')
  })

  test('keys may be camelCase or snake_case', async () => {
    file('project/pawl.json', '{ "sqliteDir": "a", "poll_interval": 1 }')
    expect((await read()).config).toMatchObject({ sqliteDir: 'a', pollIntervalMs: 1_000 })
  })

  test('flags without a meaning here are accepted, with one line that says why', async () => {
    file('project/pawl.json', '{ "redis-uri": "redis://x" }')
    const { notes } = await read({ persist: true })
    expect(notes).toHaveLength(2)
    expect(notes[0]).toMatch(/^--persist has no effect: /)
    expect(notes[1]).toMatch(/^redis-uri in .* has no effect: there is no Redis/)
  })

  test('a misspelt variable is told, one of another program is not', async () => {
    const { notes } = await read({}, { PAWL_SQLITE_DIRS: 'x', PAWL_SERVICE_HOST: '10.0.0.1', PAWLS: '1' })
    expect(notes).toEqual(['PAWL_SQLITE_DIRS is not an option and has no effect: did you mean PAWL_SQLITE_DIR?'])
  })

  test('a file that is no object, or no JSON, is refused by its name', async () => {
    file('project/pawl.json', '[]')
    expect(await refusal(read())).toContain('pawl.json must hold an object')
    file('project/pawl.json', '{')
    expect(await refusal(read())).toContain('pawl.json cannot be read')
  })

  test('$PORT is where an app may listen', async () => {
    expect((await read({}, { PORT: '4000' })).appPort).toBe(4000)
    expect((await read({}, { PORT: 'none' })).appPort).toBeNull()
  })
})
