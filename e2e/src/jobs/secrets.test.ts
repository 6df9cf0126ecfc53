/**
 * OS-8: what a job keeps secret is sent to its target and shown nowhere else: no answer of the API, no stream, no page, no
 * line of the log, no byte of the database. The target repeats everything it gets, so that answers are tried too.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useBrowser } from '../browser/dashboard.ts'
import { serverEntry, temporaryFolder } from '../harness/paths.ts'
import { freePort } from '../harness/port.ts'
import { type Child, startChild } from '../harness/process.ts'
import { at, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { newStore } from '../processes/database.ts'
import { ServerProcess } from '../processes/server-process.ts'
import { useDatabase } from '../processes/use-database.ts'
import { idOf, JobsApi } from './jobs-api.ts'
import type { SeenCall } from './target.ts'
import { useTarget } from './use-target.ts'

/** Each is told apart by its first word. */
const SECRETS = {
  authorization: 'authorized-4f1d0c2b8a',
  own: 'own-99b2e7c1d3"\\',
  url: 'inurl-7ac0/&=+ 55',
  header: 'inheader-3b8f1e0d',
  body: 'inbody-"quoted"-6d2c',
  signing: Buffer.from('signing-secret-of-a-job-1234').toString('base64'),
  changed: 'changed-1c9e8f7a6b',
} as const
const JOB_NAME = 'a job that keeps secrets'

const target = useTarget()

/** Everything that a target could repeat, in the forms in which it came and in others. */
function repeated(call: SeenCall): string {
  const told = `${call.path}\n${decodeURIComponent(call.path)}\n${JSON.stringify(call.headers)}\n${call.body}`
  return `${told}\n${JSON.stringify(told)}`
}

/** Makes a job with a secret in every place that takes one. */
async function makeJob(api: JobsApi): Promise<string> {
  for (const name of ['url', 'header', 'body'] as const) {
    const body = { value: SECRETS[name] }
    expect((await api.exchange(`/v2/secrets/${name.toUpperCase()}`, { method: 'PUT', body })).status).toBe(204)
  }
  const job = await api.createJob({
    name: JOB_NAME,
    intervalMinutes: 60,
    enabled: false,
    signingSecret: `whsec_${SECRETS.signing}`,
    request: {
      url: `${target().url}/echo?key={{secrets.URL}}`,
      method: 'POST',
      headers: [
        { name: 'Authorization', value: `Bearer ${SECRETS.authorization}` },
        { name: 'X-Own', value: SECRETS.own, secret: true },
        { name: 'X-Named', value: 'it is {{secrets.HEADER}}' },
        { name: 'X-Open', value: 'everybody may see this' },
      ],
      body: { inside: '{{secrets.BODY}}' },
    },
  })
  return idOf(job)
}

/** Calls the job in every way in which its secrets are used, and gives all that the API says of it. */
async function everything(api: JobsApi, id: string): Promise<string> {
  target().answer = (call) => ({ status: 500, body: repeated(call) })
  const failed = await api.called(id)
  target().answer = (call) => ({
    body: repeated(call),
    headers: {
      'x-session-id': repeated(call)
        .slice(0, 200)
        .replace(/[^\x20-\x7e]/g, ''),
    },
  })
  const succeeded = await api.called(id)
  const { request } = await api.job(id)
  const tested = await api.exchange('/v2/jobs/test', { method: 'POST', body: { request, jobId: id } })
  expect([failed.status, succeeded.status, at(tested.json, 'data', 'status')]).toEqual([
    'failure',
    'success',
    'success',
  ])
  const unreachable = { url: `http://127.0.0.1:${await freePort()}/?key={{secrets.URL}}` }
  const answers = [
    tested,
    ...(await Promise.all([
      api.exchange('/v2/jobs/test', { method: 'POST', body: { request: { ...unreachable } } }),
      api.exchange('/v2/jobs'),
      api.exchange(`/v2/jobs/${id}`),
      api.exchange(`/v2/jobs/${id}/runs`),
      api.exchange(`/v2/job-runs/${idOf(failed)}`),
      api.exchange(`/v2/job-runs/${idOf(succeeded)}`),
      api.exchange('/v2/secrets'),
      api.exchange(`/v2/jobs/${id}`, { method: 'PATCH', body: { name: `${JOB_NAME}, renamed` } }),
      api.exchange(`/v2/jobs/${id}`, { method: 'PATCH', body: { request: { headers: [], url: 'ftp://no' } } }),
      api.exchange('/v2/info'),
      api.exchange('/v2/schedules'),
      api.exchange('/v2/overview'),
      api.exchange('/metrics'),
      api.exchange('/v1/events?include_internal=true'),
      api.exchange('/dev'),
    ])),
  ]
  return answers.map(({ text }) => text).join('\n')
}

/** How a text shows a secret: as it is, in JSON, in a URL, in base64 (three alignments are not tried; the start is). */
function shownIn(where: string | Buffer): readonly string[] {
  return Object.entries(SECRETS)
    .filter(([, secret]) =>
      [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        new URLSearchParams({ s: secret }).toString().slice(2),
        Buffer.from(secret).toString('base64').slice(0, 12),
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret, 'base64').toString('latin1'),
      ].some((spelled) => spelled.length >= 8 && where.includes(spelled)),
    )
    .map(([name]) => name)
}

/** The bytes of every file below a folder. */
async function bytesBelow(folder: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name)
    // A database removes files while it works.
    const bytes = await stat(path).then(
      (found) => (found.isFile() ? readFile(path) : undefined),
      () => undefined,
    )
    if (bytes !== undefined) parts.push(bytes)
  }
  return Buffer.concat(parts)
}

/** The target really was sent all of them. */
function expectSent(): void {
  const sent = target()
    .calls.map((call) => `${repeated(call)} ${decodeURIComponent(call.path)} ${call.body}`)
    .join('\n')
  for (const name of ['authorization', 'url', 'header'] as const) expect(sent).toContain(SECRETS[name])
  const echo = target().calls.find(({ method }) => method === 'POST')
  expect(JSON.parse(echo?.body ?? '{}')).toEqual({ inside: SECRETS.body })
  expect(echo?.headers).toMatchObject({ 'x-own': SECRETS.own, 'webhook-id': echo?.runId })
}

describe('OS-8 on SQLite', () => {
  let child: Child
  let folder = ''
  let api: JobsApi
  const visit = useBrowser()

  beforeAll(async () => {
    folder = await temporaryFolder('secrets')
    const port = await freePort()
    const args = ['dev', '--port', String(port), '--sqlite-dir', folder, '--no-discovery', '--log-level', 'trace']
    child = startChild(serverEntry, { args })
    api = new JobsApi(`http://127.0.0.1:${port}`)
    await until('the server', async () => (await api.exchange('/ready', { timeoutMs: 1_000 })).status === 200)
  })
  afterAll(() => child.end('SIGKILL'))

  it('a secret is in no answer, no stream, no page, no log, and in no byte of the files', async () => {
    const stream = await fetch(`${api.url}/v2/stream`)
    const streamed = collect(stream)
    const id = await makeJob(api)
    const answers = await everything(api, id)
    expectSent()
    expect(answers).toContain('everybody may see this')
    expect(shownIn(answers)).toEqual([])
    const job = await api.job(id)
    const named = list(at(job, 'request', 'headers')).find((header) => at(header, 'name') === 'Authorization')
    expect(named).toEqual({ name: 'Authorization', secret: true, hasValue: true })
    expect(job).toMatchObject({ hasSigningSecret: true })

    const { page } = await visit()
    const seen: string[] = []
    page.on(
      'response',
      (response) =>
        void response.text().then(
          (body) => seen.push(body),
          () => undefined,
        ),
    )
    const [run] = await api.jobRuns(id, 'status=failure')
    for (const [path, shows] of [
      [`/jobs/${id}`, 'Authorization'],
      [`/jobs/${id}?run=${text(run?.id)}`, 'everybody may see this'],
      ['/schedules', JOB_NAME],
      [`/jobs/${id}/edit`, 'Value of header 1'],
    ] as const) {
      await page.goto(`${api.url}${path}`)
      await page.getByText(shows).first().waitFor()
      seen.push(await page.content())
    }
    expect(shownIn(seen.join('\n'))).toEqual([])
    expect(shownIn(await streamed())).toEqual([])

    expect(shownIn(child.output())).toEqual([])
    const before = await bytesBelow(folder)
    expect([before.includes(JOB_NAME), shownIn(before)]).toEqual([true, []])
    await child.end('SIGTERM')
    expect(shownIn(child.output())).toEqual([])
    expect(shownIn(await bytesBelow(folder))).toEqual([])
  })
})

describe('OS-8 on PostgreSQL', () => {
  const database = useDatabase()

  it('a secret is in no byte of the database, its log of changes included, nor in what the server says', async () => {
    const flags = ['--instance-key', Buffer.alloc(32, 9).toString('base64'), '--log-level', 'trace']
    const server = await ServerProcess.start(newStore(database()), { command: 'dev', flags })
    try {
      const api = new JobsApi(server.url)
      const answers = await everything(api, await makeJob(api))
      expect(shownIn(answers)).toEqual([])
      expect(shownIn(server.log())).toEqual([])
      // PostgreSQL works in its folder; all that was committed stands in its files, at least in the log of changes.
      const bytes = await bytesBelow(`/proc/${database().pid}/cwd/`)
      expect([bytes.includes(JOB_NAME), shownIn(bytes)]).toEqual([true, []])
    } finally {
      await server.kill()
    }
  })
})

describe('OS-8: changes of what is secret', () => {
  it('a change without the value keeps it, a new value takes its place, and a secret that is gone fails the call', async () => {
    const folder = await temporaryFolder('changes')
    const port = await freePort()
    const child = startChild(serverEntry, {
      args: ['dev', '--port', String(port), '--sqlite-dir', folder, '--no-discovery'],
    })
    try {
      const api = new JobsApi(`http://127.0.0.1:${port}`)
      await until('the server', async () => (await api.exchange('/ready', { timeoutMs: 1_000 })).status === 200)
      const id = await makeJob(api)
      const last = async () => {
        expect(await api.called(id)).toMatchObject({ status: 'success' })
        return target().calls.at(-1)?.headers ?? {}
      }
      target().answer = () => ({})
      const kept = [{ name: 'Authorization', secret: true }]
      await api.change(id, { request: { headers: kept } })
      expect((await last()).authorization).toBe(`Bearer ${SECRETS.authorization}`)
      const headers = [{ name: 'Authorization', value: `Bearer ${SECRETS.changed}` }]
      const changed = await api.change(id, { request: { headers } })
      expect(shownIn(JSON.stringify(changed))).toEqual([])
      expect((await last()).authorization).toBe(`Bearer ${SECRETS.changed}`)
      expect((await api.exchange('/v2/secrets/URL', { method: 'DELETE' })).status).toBe(204)
      const before = target().calls.length
      const run = await api.called(id)
      expect([run.status, text(at(run, 'error', 'message')).includes('URL')]).toEqual(['failure', true])
      expect(target().calls).toHaveLength(before)
    } finally {
      await child.end('SIGKILL')
    }
  })
})

/** Reads a stream until it is asked what it has read. */
function collect(stream: Response): () => Promise<string> {
  let read = ''
  const reader = stream.body?.getReader()
  const reading = (async () => {
    for (;;) {
      const part = await reader?.read().catch(() => undefined)
      if (part?.value === undefined) return
      read += Buffer.from(part.value).toString()
    }
  })()
  return async () => {
    await reader?.cancel()
    await reading
    return read
  }
}
