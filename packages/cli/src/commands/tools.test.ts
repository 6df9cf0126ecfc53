import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Api, createApi } from '../api/api-client.ts'
import { buildProgram } from '../command-line.ts'
import { readConfig } from '../config.ts'
import { type Wired, wire } from '../wire.ts'
import { approve, deny, listApprovals } from './approvals.ts'
import { createJob, deleteJob, listJobRuns, listJobs, pauseJob, resumeJob, runJob, scheduleWords } from './jobs.ts'
import { runTool, type ToolOptions } from './tool.ts'

const log = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

let wired: Wired
let api: Api
/** What jobs call. */
let target: Server
let targetUrl: string
beforeAll(async () => {
  target = createServer((_, response) => response.writeHead(204).end())
  targetUrl = await origin(target)
  const flags = { port: '0', 'in-memory': true, 'no-discovery': true }
  const { config } = await readConfig('dev', flags, { environment: {}, folder: '/', home: '/' })
  wired = await wire({ config, hosts: ['127.0.0.1'], appPort: null, version: '1.2.3', log })
  api = createApi({ url: `${wired.url.replace('localhost', '127.0.0.1')}/`, key: undefined })
})
afterAll(async () => {
  await wired.close(0)
  target.close()
})

const extra: Server[] = []
afterEach(() => {
  for (const server of extra.splice(0)) server.close()
})

async function origin(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

/** Something else that answers, in place of the server. */
async function standIn(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  extra.push(server)
  return origin(server)
}

describe('jobs', () => {
  test('are made, listed, called, paused, resumed and deleted by their name', async () => {
    expect((await listJobs({ limit: '100' })(api)).text).toBe(
      'No jobs. Make one with `pawl jobs create <name> <url> --every 15m`.\n',
    )
    const made = await createJob('ping', targetUrl, { every: '1h', startMinute: '5', header: ['X-A: b:c'] })(api)
    expect(made.text).toMatch(
      /^Made job ping \(\w{26}\), every 1 h from 00:05\. Next run: \d{4}-\d\d-\d\d \d\d:05:00Z\.\n$/,
    )
    expect(made.data).toMatchObject({ request: { headers: [{ name: 'X-A', value: 'b:c' }] } })
    expect((await runJob('ping')(api)).text).toMatch(/^Called now: run \w{26}/)
    const runs = await vi.waitFor(async () => {
      const { text } = await listJobRuns('ping', { limit: '10', status: ['success', 'failure'] })(api)
      expect(text).toContain('success')
      return text
    })
    expect(runs.split('\n')[0]).toBe(runs.split('\n')[0]?.trimEnd())
    expect(runs).toMatch(/manual +success +204 +\d+ ms\n/)
    const { text } = await listJobs({ limit: '1' })(api)
    expect(text).toMatch(
      /^ID +NAME +SCHEDULE +STATE +SUCCESS +LAST RUN +NEXT RUN\n\w{26} {2}ping +every 1 h from 00:05 +on +1\/1/,
    )
    expect((await pauseJob('ping')(api)).text).toBe('Paused ping; a call that is open finishes.\n')
    expect((await listJobs({ limit: '1' })(api)).text).toMatch(/paused +1\/1 .* -\n$/)
    expect((await resumeJob('ping')(api)).text).toMatch(/^Resumed ping\. Next run: /)
    expect((await deleteJob('ping')(api)).text).toMatch(/^Deleted job \w{26}/)
    await expect(runJob('ping')(api)).rejects.toThrow('No job has the ID or name "ping".')
  })

  test('with one name are told apart by their IDs', async () => {
    for (const every of ['7', '1d']) await createJob('twin', targetUrl, { every, paused: true })(api)
    await expect(pauseJob('twin')(api)).rejects.toThrow(/^2 jobs have the name "twin"; give an ID: \w{26}, \w{26}\.$/)
    const { data } = await listJobs({ limit: '100', search: 'win' })(api)
    const ids = (data as { id: string }[]).map(({ id }) => id)
    expect(ids).toHaveLength(2)
    for (const id of ids) await deleteJob(id.toLowerCase())(api)
  })

  test('beyond the limit are said to be there', async () => {
    for (const name of ['one', 'two']) await createJob(name, targetUrl, { every: '1h' })(api)
    expect((await listJobs({ limit: '1' })(api)).text).toMatch(/There are more: raise --limit\.\n$/)
    for (const name of ['one', 'two']) await deleteJob(name)(api)
  })

  test.each([
    [{ every: '90s' }, '--every must be whole minutes'],
    [{ every: 'often' }, '--every must be whole minutes'],
    [{ every: '1h', startMinute: '60' }, '--start-minute must be a whole number from 0 to 59'],
    [{ every: '1h', header: ['nonsense'] }, '--header must be like "Name: value"'],
    [{ every: '1h', bodyJson: '{' }, '--body-json must be JSON'],
    [{ every: '1h', body: 'a', bodyJson: '1' }, 'exclude each other'],
    [{ every: '1h', body: 'a' }, 'request.body is not sent with GET (invalid_field_format).'],
  ])('cannot be made with %j', async (options, says) => {
    await expect(createJob('x', targetUrl, options)(api)).rejects.toThrow(says)
  })

  test.each([
    [{ intervalMinutes: 15, startMinute: 0, startHour: 0, timeZone: 'UTC' }, 'every 15 min'],
    [{ intervalMinutes: 30, startMinute: 5, startHour: 0, timeZone: 'UTC' }, 'every 30 min from 00:05'],
    [{ intervalMinutes: 120, startMinute: 0, startHour: 0, timeZone: 'UTC' }, 'every 2 h'],
    [
      { intervalMinutes: 1440, startMinute: 0, startHour: 9, timeZone: 'Europe/Berlin' },
      'daily at 09:00 Europe/Berlin',
    ],
    [{ intervalMinutes: 2880, startMinute: 0, startHour: 0, timeZone: 'UTC' }, 'every 2 days at 00:00'],
  ])('say when: %j', (job, words) => {
    expect(scheduleWords(job)).toBe(words)
  })
})

describe('approvals', () => {
  let sessions = 0

  async function ask(prompt: string): Promise<string> {
    const opened = (await api.ask('POST', '/v2/sessions', { key: `s${++sessions}`, agent: 'bot' })) as { id: string }
    const body = { key: 'q', kind: 'approval', prompt, arguments: { shares: 10 } }
    const asked = (await api.ask('POST', `/v2/sessions/${opened.id}/requests`, body)) as { id: string }
    return asked.id
  }

  test('are listed without anything that would move the cursor', async () => {
    expect((await listApprovals({ limit: '10' })(api)).text).toBe('Nobody waits for an answer.\n')
    const id = await ask('Buy\u001b[2J\n10 shares?')
    const { text } = await listApprovals({ limit: '10' })(api)
    expect(text).toMatch(new RegExp(`^ID .*\\n${id}  approval  pending  .*bot +Buy \\[2J 10 shares\\?\\n$`))
    await deny(id, { reason: 'cleaned up' })(api)
  })

  test('are decided once', async () => {
    const id = await ask('Buy?')
    const approved = await approve(id, { reason: 'fine', arguments: '{"shares":5}' })(api)
    expect(approved.text).toBe('Approved: Buy?\n')
    expect(approved.data).toMatchObject({ status: 'approved', arguments: { shares: 5 }, reason: 'fine' })
    await expect(deny(id, {})(api)).rejects.toMatchObject({
      code: 'request_refused',
      exitCode: 1,
      message: 'The request is approved already (request_already_resolved).',
    })
    await expect(approve(await ask('B?'), { arguments: '{' })(api)).rejects.toThrow('--arguments must be JSON')
    await expect(approve('nonsense', {})(api)).rejects.toThrow('A request is named by its ID')
  })
})

describe('what goes wrong with the server', () => {
  const tool = listJobs({ limit: '1' })
  const at = (url: string, key?: string) => tool(createApi({ url, key }))

  test('nobody there: exit code 69', async () => {
    const gone = createServer()
    const url = await origin(gone)
    gone.close()
    await expect(at(url)).rejects.toMatchObject({
      code: 'server_unreachable',
      exitCode: 69,
      message: expect.stringContaining(`No server answers at ${url}: connect ECONNREFUSED`),
    })
  })

  test('another program there, or a redirect: exit code 69, and the key goes nowhere else', async () => {
    const html = await standIn((_, response) => response.end('<html>'))
    await expect(at(html)).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining('no Pawl server') })
    let seen = 0
    const elsewhere = await standIn((_, response) => {
      seen++
      response.end('{}')
    })
    const moved = await standIn((_, response) => response.writeHead(302, { location: elsewhere }).end())
    await expect(at(moved, 'secret')).rejects.toMatchObject({ exitCode: 69 })
    expect(seen).toBe(0)
  })

  test('a key that is missing or wrong: exit code 77', async () => {
    const keys: (string | undefined)[] = []
    const url = await standIn((request, response) => {
      keys.push(request.headers.authorization)
      const code = { code: 'invalid_signing_key', message: 'Authentication failed' }
      response.writeHead(401).end(JSON.stringify({ errors: [code] }))
    })
    await expect(at(url)).rejects.toMatchObject({ code: 'key_refused', exitCode: 77 })
    await expect(at(url, 'abc')).rejects.toThrow('Give a signing key of the server with --key or PAWL_SIGNING_KEY.')
    expect(keys).toEqual([undefined, 'Bearer abc'])
  })

  test('a URL that is none: exit code 1', async () => {
    expect(() => createApi({ url: 'localhost:8288', key: undefined })).toThrow(
      expect.objectContaining({ code: 'argument_invalid', exitCode: 1 }),
    )
  })
})

describe('the command line', () => {
  async function told(...args: readonly string[]): Promise<string> {
    let text = ''
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    })
    try {
      const idle = async () => {}
      const program = buildProgram('1.2.3', { dev: idle, start: idle }, async (options, load) =>
        runTool(options, await load()),
      )
      await program.parseAsync(['node', 'pawl', ...args])
    } finally {
      write.mockRestore()
    }
    return text
  }

  test('has a table for people and JSON for programs', async () => {
    const url = wired.url
    await told('jobs', 'create', 'cli', targetUrl, '--every', '2h', '-H', 'X-A: 1', '-H', 'X-B: 2', '--url', url)
    expect(await told('jobs', 'list', '--url', url)).toContain('every 2 h')
    const listed = JSON.parse(await told('jobs', 'list', '--json', '--url', url)) as unknown[]
    expect(listed).toMatchObject([{ name: 'cli', request: { headers: [{ name: 'X-A' }, { name: 'X-B' }] } }])
    const runs = await told('jobs', 'runs', 'cli', '--status', 'failure', '--status', 'skipped', '--json', '--url', url)
    expect(JSON.parse(runs)).toEqual([])
    expect(JSON.parse(await told('jobs', 'delete', 'cli', '--json', '--url', url))).toMatchObject({ deleted: true })
    expect(await told('approvals', 'list', '--status', 'expired', '--url', url)).toBe('No requests.\n')
  })

  test('asks the server of this machine unless it is told otherwise', async () => {
    const asked: ToolOptions[] = []
    const idle = async () => {}
    const program = buildProgram('1.2.3', { dev: idle, start: idle }, async (options) => void asked.push(options))
    await program.parseAsync(['node', 'pawl', 'approvals', 'approve', 'ID', '--reason', 'x', '--key', 'k'])
    expect(asked).toEqual([{ url: 'http://localhost:8288', reason: 'x', key: 'k' }])
  })

  test('takes the key of the environment, and of several the first', async () => {
    let key: string | undefined
    const url = await standIn((request, response) => {
      key = request.headers.authorization
      response.end('{}')
    })
    vi.stubEnv('PAWL_SIGNING_KEY', 'first,second')
    await told('jobs', 'list', '--url', url)
    expect(key).toBe('Bearer first')
    await told('jobs', 'list', '--url', url, '--key', 'given')
    expect(key).toBe('Bearer given')
    vi.unstubAllEnvs()
  })
})
