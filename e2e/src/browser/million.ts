/**
 * `npm run million`: the dashboard over a store of a million runs. A real server answers the page's own requests, timed one
 * after the other from outside; then a real browser opens what is large and scrolls through ten thousand rows, with every
 * task noted that kept its thread for more than 50 ms.
 *
 * `--store FILE` takes a filled store (a copy is worked on) instead of filling one, which takes minutes; `--runs N` fills a
 * smaller one. Prints a table in Markdown.
 */
import { cp, readFile, rm } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createStore } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import { type Filled, fillStore } from '@pawl/testing/fill-store'
import type { Page } from 'playwright-core'
import { exchange } from '../harness/http.ts'
import { serverEntry, temporaryFolder } from '../harness/paths.ts'
import { freePort } from '../harness/port.ts'
import { startChild } from '../harness/process.ts'
import { at, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { openBrowser } from './chromium.ts'

/** How often each request is made. */
const REQUESTS = 200
/** Rows that are loaded before one scrolls. */
const ROWS = 10_000
const DAY_MS = 86_400_000

type Special = Pick<Filled, 'longRun' | 'largeRun' | 'failedRun'>

const { values } = parseArgs({ options: { store: { type: 'string' }, runs: { type: 'string', default: '1000000' } } })

const folder = await temporaryFolder('million')
const file = join(folder, 'pawl.db')
try {
  const special = await provideStore()
  const port = await freePort()
  const args = ['dev', '--port', String(port), '--sqlite-dir', folder, '--no-discovery', '--no-poll']
  const server = startChild(serverEntry, { args })
  const url = `http://127.0.0.1:${port}`
  try {
    await until('the server', async () => (await exchange(`${url}/health`)).status === 200, {
      withinMs: 120_000,
      onGivingUp: () => server.output(),
    })
    say(`Load of the machine at the start: ${loadavg()[0]?.toFixed(1)}\n`)
    await measureServer(url, special)
    await measureBrowser(url, special)
    say(
      `\nMemory of the server: ${Math.round(((await server.memoryBytes()) ?? 0) / 2 ** 20)} MiB; load at the end: ${loadavg()[0]?.toFixed(1)}`,
    )
  } finally {
    await server.end('SIGTERM')
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** A filled store in the server's folder. */
async function provideStore(): Promise<Special> {
  if (values.store !== undefined) {
    await cp(values.store, file)
    const told: unknown = JSON.parse(await readFile(`${values.store}.json`, 'utf8'))
    const id = (name: keyof Special) => text(at(told, name))
    return { longRun: id('longRun'), largeRun: id('largeRun'), failedRun: id('failedRun') }
  }
  return fillStore({
    runs: Number(values.runs),
    open: async (now) => {
      const database = await openSqlite({ path: file, now, durability: 'relaxed' })
      return createStore({ database, turn: setImmediate })
    },
  })
}

/** The requests that screens make, each with the aim for its 95th percentile in milliseconds. */
function requests(special: Special): readonly (readonly [string, number, (nth: number) => string])[] {
  const now = Date.now()
  const instant = (ms: number) => encodeURIComponent(new Date(ms).toISOString())
  const windowOf = (nth: number) => {
    const from = now - ((nth * 7919) % 29) * DAY_MS - DAY_MS
    return `from=${instant(from)}&until=${instant(from + DAY_MS)}`
  }
  const fns = ['shop-order-placed', 'mail-send', 'billing-charge', 'shop-refund', 'billing-audit']
  const fn = (nth: number) => fns[nth % fns.length]
  const statuses = ['FAILED', 'COMPLETED', 'CANCELLED', 'SKIPPED', 'RUNNING']
  const status = (nth: number) => statuses[nth % statuses.length]
  const day = `from=${instant(now - DAY_MS)}`
  const run = `/v2/runs/${special.longRun}`
  return [
    ['Runs, first page, 24 h', 100, () => `/v2/runs?limit=50&${day}`],
    ['Runs, first page, all time', 100, () => '/v2/runs?limit=50'],
    [
      'Runs, status + function + range',
      150,
      (nth) => `/v2/runs?limit=50&status=${status(nth)}&function=${fn(nth)}&${windowOf(nth)}`,
    ],
    [
      'Runs by end, oldest first, status + range',
      150,
      (nth) => `/v2/runs?limit=50&timeField=endedAt&order=ASC&status=${status(nth)}&${windowOf(nth)}`,
    ],
    ['Runs, event name + range', 150, (nth) => `/v2/runs?limit=50&eventName=shop%2Forder.placed&${windowOf(nth)}`],
    ['Runs, count to 10,000', 150, () => `/v2/runs/count?atMost=10000&${day}`],
    ['Events, first page', 100, () => `/v2/events?limit=50&${day}`],
    ['Events, name + range', 150, (nth) => `/v2/events?limit=50&name=mail%2Fsend&${windowOf(nth)}`],
    ['Overview, 24 h', 150, () => '/v2/overview?range=24h'],
    ['Overview, 30 d', 150, () => '/v2/overview?range=30d'],
    ['Metrics, 24 h', 150, () => `/v2/metrics?from=${instant(now - DAY_MS)}&until=${instant(now)}`],
    ['Metrics, 30 d', 150, () => `/v2/metrics?from=${instant(now - 30 * DAY_MS)}&until=${instant(now)}`],
    ['Functions with figures', 150, () => '/v2/functions?limit=50'],
    ['Schedules', 150, () => '/v2/schedules'],
    ['Run of 1,000 steps: head', 400, () => `${run}?includeWhy=true`],
    ['Run of 1,000 steps: trace', 400, () => `${run}/trace`],
    ['Run, failed, 3 steps: trace', 150, () => `/v2/runs/${special.failedRun}/trace`],
  ]
}

async function measureServer(url: string, special: Special): Promise<void> {
  say('| request | p50, ms | p95, ms | worst, ms | aim p95 |\n|---|---|---|---|---|')
  for (const [name, aim, path] of requests(special)) {
    const took: number[] = []
    for (let nth = 0; nth < REQUESTS; nth++) took.push(await timed(`${url}${path(nth)}`))
    row(name, took, aim)
  }
  row('Runs, page after page (200 pages deep)', await deepPages(url, '/v2/runs?limit=50'), 150)
  row(
    'Runs of a function, page after page',
    await deepPages(url, '/v2/runs?limit=50&function=shop-order-placed&status=COMPLETED'),
    150,
  )
  row('Events, page after page', await deepPages(url, '/v2/events?limit=50'), 150)
  await measureSearch(url)
}

/** Time until the first result of a search through payloads, and until it has been through a day. */
async function measureSearch(url: string): Promise<void> {
  const from = encodeURIComponent(new Date(Date.now() - DAY_MS).toISOString())
  const query = encodeURIComponent('event.data.n == -1 || event.name == "mail/send"')
  const began = performance.now()
  const answer = await fetch(`${url}/v2/runs/search?from=${from}&query=${query}`)
  let first: number | undefined
  let lines = ''
  for await (const chunk of answer.body ?? []) {
    lines += new TextDecoder().decode(chunk)
    if (lines.includes('"row"')) first ??= performance.now() - began
  }
  say(
    `\nSearch through the payloads of 24 h: first result after ${Math.round(first ?? Number.NaN)} ms, done after ${Math.round(performance.now() - began)} ms (${lines.trim().split('\n').at(-1)?.slice(0, 160)})`,
  )
}

async function deepPages(url: string, path: string): Promise<readonly number[]> {
  const took: number[] = []
  let cursor = ''
  for (let page = 0; page < REQUESTS; page++) {
    const began = performance.now()
    const { json } = await exchange(`${url}${path}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
    took.push(performance.now() - began)
    const next = at(json, 'page', 'cursor')
    if (typeof next !== 'string') break
    cursor = next
  }
  return took
}

async function timed(url: string): Promise<number> {
  const began = performance.now()
  const { status, text: body } = await exchange(url)
  if (status !== 200) throw new Error(`${url}: ${status} ${body.slice(0, 300)}`)
  return performance.now() - began
}

async function measureBrowser(url: string, { longRun, largeRun }: Special): Promise<void> {
  const browser = await openBrowser()
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })).newPage()
    await page.addInitScript(() => {
      window.longTasks = []
      new PerformanceObserver((entries) => {
        for (const { duration } of entries.getEntries()) window.longTasks?.push(duration)
      }).observe({ type: 'longtask' })
    })
    say('\n| in the browser | took, ms | tasks over 50 ms | longest, ms |\n|---|---|---|---|')
    await act(page, 'Runs, cold to rows', async () => {
      await page.goto(`${url}/runs?last=all`)
      await page.getByRole('rowheader').first().waitFor()
    })
    await act(page, `${ROWS.toLocaleString('en')} rows loaded by scrolling`, () => loadRows(page))
    await act(page, 'Scrolling through them', () => scrollThrough(page))
    await act(page, 'Typing 40 letters into the search', async () => {
      await page.keyboard.press('/')
      await page.keyboard.type('event.data.customer == "somebody-unknown"', { delay: 30 })
    })
    await act(page, 'Run of 1,000 steps, to its waterfall', async () => {
      await page.goto(`${url}/runs/${longRun}`)
      await page.getByRole('treegrid', { name: 'Steps' }).getByRole('row').nth(5).waitFor()
    })
    await act(page, 'Scrolling its waterfall', () => wheel(page, page.getByRole('treegrid', { name: 'Steps' }), 60))
    await act(page, '5 MB payload, to its first part', async () => {
      await page.goto(`${url}/runs/${largeRun}?tab=output`)
      await page.getByRole('button', { name: 'Load all' }).waitFor()
    })
    await act(page, '5 MB payload, whole', async () => {
      await page.getByRole('button', { name: 'Load all' }).click()
      await page.getByText(/The first 256 KiB/).waitFor({ state: 'detached' })
    })
  } finally {
    await browser.close()
  }
}

declare global {
  interface Window {
    /** Milliseconds of each task that kept the page's thread for more than 50. */
    longTasks?: number[]
  }
}

async function act(page: Page, name: string, run: () => Promise<void>): Promise<void> {
  await page.evaluate(() => {
    window.longTasks = []
  })
  const began = performance.now()
  await run()
  const took = performance.now() - began
  await page.waitForTimeout(300)
  const tasks = await page.evaluate(() => window.longTasks ?? [])
  say(`| ${name} | ${Math.round(took)} | ${tasks.length} | ${Math.round(Math.max(0, ...tasks))} |`)
}

/** Scrolls to the end again and again until that many rows are loaded. */
async function loadRows(page: Page): Promise<void> {
  const table = page.getByRole('table', { name: 'Runs' })
  await page.getByRole('rowheader').first().hover()
  while (Number(await table.getAttribute('aria-rowcount')) <= ROWS) {
    await page.mouse.wheel(0, 100_000)
    await page.waitForTimeout(20)
  }
}

async function scrollThrough(page: Page): Promise<void> {
  for (const delta of [-2_000, 2_000]) for (let turn = 0; turn < 80; turn++) await turnWheel(page, delta)
}

async function wheel(page: Page, place: ReturnType<Page['getByRole']>, turns: number): Promise<void> {
  await place.hover()
  for (let turn = 0; turn < turns; turn++) await turnWheel(page, 400)
}

async function turnWheel(page: Page, delta: number): Promise<void> {
  await page.mouse.wheel(0, delta)
  await page.waitForTimeout(16)
}

function row(name: string, took: readonly number[], aim: number): void {
  const sorted = took.toSorted((a, b) => a - b)
  const share = (of: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? Number.NaN).toFixed(0)
  say(`| ${name} | ${share(0.5)} | ${share(0.95)} | ${share(1)} | ${aim} |`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
