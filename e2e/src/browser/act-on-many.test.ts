/**
 * What an operator does with functions, many runs at once, and apps, done in the page and judged by what the server says
 * afterwards over its API.
 */
import { createServer } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { closeServer, listen, serveApp } from '../harness/app.ts'
import { freePort } from '../harness/port.ts'
import { SDKS } from '../harness/sdk.ts'
import { at, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { useBrowser } from './dashboard.ts'
import { useDemo } from './demo.ts'
import { MAIL, SHOP } from './demo-functions.ts'
import { choose, dialog, main, shows, toast } from './look.ts'

const demo = useDemo()
const visit = useBrowser()

const closers: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(closers.map((close) => close())))

async function open(path: string): Promise<Page> {
  const { page } = await visit()
  await page.goto(demo.url(path))
  return page
}

function fnAt(fn: string): string {
  return `/v2/apps/${SHOP}/functions/${fn}`
}

async function pauseOf(fn: string): Promise<unknown> {
  return at(await demo.api.ask(fnAt(fn)), 'data', 'pause')
}

async function newestRuns(query: string): Promise<readonly unknown[]> {
  return list(at(await demo.api.ask(`/v2/runs?limit=100&${query}`), 'data') ?? [])
}

/** Starts runs that sleep for a month. */
async function sleepers(count: number): Promise<readonly string[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const runId = await demo.start('subscription.started', { plan: 'monthly' }, 'renew-subscription')
      await demo.api.rests(runId, 'sleeping')
      return runId
    }),
  )
}

/** Sends events that fail for good. */
async function failures(count: number, name: string): Promise<void> {
  await demo.api.send(
    Array.from({ length: count }, () => ({ name: `${MAIL}/customer.joined`, data: { name, bounces: true } })),
  )
  await until('the failures', async () => {
    const query = encodeURIComponent(`event.data.name == "${name}"`)
    return (await newestRuns(`status=FAILED&function=mail-welcome&query=${query}`)).length === count
  })
}

async function bulk(id: string): Promise<unknown> {
  return at(await demo.api.ask(`/v2/bulk-operations/${id}`), 'data')
}

describe('a function', () => {
  it('is run now with a payload', async () => {
    const page = await open(`/functions/${SHOP}/discount`)
    await page.getByRole('button', { name: 'Run now…' }).click()
    await page.locator('.cm-content').fill('{"price":10}')
    await dialog(page, 'Run discount now').getByRole('button', { name: 'Run now' }).click()
    await toast(page, 'A run was started.')
    const [run] = await until('the run', async () => {
      const runs = await newestRuns('function=shop-discount')
      return runs.length > 0 && runs
    })
    expect((await demo.api.reached(text(at(run, 'id')), 'Completed')).output).toEqual({ seen: 'once', price: 9 })
  })

  it('is paused for an hour, says so, and is resumed', async () => {
    const page = await open(`/functions/${SHOP}/discount`)
    await page.getByRole('button', { name: 'Pause…' }).click()
    const window = dialog(page, 'Pause discount')
    await window.getByText('1 hour').click()
    await window.getByRole('button', { name: 'Pause', exact: true }).click()
    await shows(page, /Paused since/)
    const pause = await pauseOf('discount')
    const left = Date.parse(text(at(pause, 'until'))) - (await demo.api.now())
    expect(left).toBeGreaterThan(59 * 60_000)
    expect(left).toBeLessThanOrEqual(60 * 60_000)
    await main(page).getByRole('button', { name: 'Resume' }).first().click()
    await toast(page, 'Resumed')
    expect(await pauseOf('discount')).toBeUndefined()
    expect(
      await main(page)
        .getByText(/Paused since/)
        .count(),
    ).toBe(0)
  })

  it('that runs by the clock is switched off and on', async () => {
    const page = await open('/schedules')
    const lever = page.getByRole('switch', { name: 'nightly-report is on' })
    await lever.click()
    await toast(page, 'nightly-report is off')
    expect(await pauseOf('nightly-report')).toMatchObject({ target: 'function' })
    await lever.click()
    await toast(page, 'nightly-report is on')
    expect(await pauseOf('nightly-report')).toBeUndefined()
  })
})

describe('many runs', () => {
  it('that are selected are cancelled, after a look at what that touches', async () => {
    const chosen = await sleepers(3)
    const spared = await sleepers(1)
    const page = await open('/runs?function=shop-renew-subscription&status=RUNNING&order=ASC')
    for (const id of chosen) {
      await page
        .locator('tr', { has: page.locator(`a[href*="${id}"]`) })
        .getByRole('checkbox')
        .click()
    }
    await page.getByRole('button', { name: 'Cancel runs' }).click()
    const window = dialog(page, 'Cancel runs')
    await window.getByText('3 runs', { exact: true }).waitFor()
    for (const id of chosen) expect((await demo.api.run(id)).status).toBe('Running')
    await window.getByRole('button', { name: 'Cancel 3 runs' }).click()
    for (const id of chosen) await demo.api.reached(id, 'Cancelled')
    for (const id of spared) expect((await demo.api.run(id)).status).toBe('Running')
    await page.getByRole('link', { name: 'Show progress' }).click()
    await shows(page, 'Finished')
  })

  it('that failed are run again: counted first, then with progress', async () => {
    await failures(4, 'Selma')
    const query = encodeURIComponent('event.data.name == "Selma"')
    const page = await open(`/bulk?new=true&function=mail-welcome&last=1h&query=${query}`)
    const window = dialog(page, 'New bulk operation')
    await window.getByText('4 runs match').waitFor()
    expect(at(await demo.api.ask('/v2/bulk-operations'), 'data') ?? []).not.toContainEqual(
      expect.objectContaining({ kind: 'RERUN' }),
    )
    await window.getByRole('button', { name: 'Rerun 4 runs' }).click()
    await until('eight failures', async () => (await newestRuns(`status=FAILED&query=${query}`)).length === 8)
    await shows(page, 'Finished')
    await shows(page, /4 of 4/)
    const [operation] = list(at(await demo.api.ask('/v2/bulk-operations'), 'data'))
    expect(operation).toMatchObject({ kind: 'RERUN', state: 'done', totalCount: 4, doneCount: 4 })
  })

  it('are stopped on the way: what is done stays done, the rest stays as it is', async () => {
    await failures(6, 'Tariq')
    const query = encodeURIComponent('event.data.name == "Tariq"')
    const page = await open(`/bulk?new=true&function=mail-welcome&last=1h&query=${query}&perMinute=1`)
    await dialog(page, 'New bulk operation').getByRole('button', { name: 'Rerun 6 runs' }).click()
    await page.waitForURL(/[?&]id=/)
    const id = text(new URL(page.url()).searchParams.get('id'))
    await page
      .getByRole('button', { name: /^Pause:/ })
      .first()
      .click()
    await until('the pause', async () => at(await bulk(id), 'state') === 'paused')
    await page
      .getByRole('button', { name: /^Resume:/ })
      .first()
      .click()
    await until('the resumption', async () => at(await bulk(id), 'state') === 'running')
    await page
      .getByRole('button', { name: /^Stop:/ })
      .first()
      .click()
    await dialog(page, 'Stop operation').getByRole('button', { name: 'Stop operation' }).click()
    await until('the stop', async () => at(await bulk(id), 'state') === 'stopped')
    await shows(page, 'Stopped')
    expect(Number(at(await bulk(id), 'doneCount'))).toBeLessThan(6)
  })

  it('of a function are cancelled from its page', async () => {
    const runs = await sleepers(2)
    const page = await open(`/functions/${SHOP}/renew-subscription`)
    await choose(page, 'More actions', 'Cancel all live runs…')
    await dialog(page, /Cancel all live runs/)
      .getByRole('button', { name: /^Cancel \d+ runs?$/ })
      .click()
    for (const id of runs) await demo.api.reached(id, 'Cancelled')
  })
})

describe('an app', () => {
  it('is synced now, and tested', async () => {
    const before = list(at(await demo.api.ask(`/v2/apps/${MAIL}/syncs`), 'data')).length
    const page = await open(`/apps/${MAIL}`)
    await page.getByRole('button', { name: 'Sync now' }).click()
    await toast(page, /mail synced/)
    const after = list(at(await demo.api.ask(`/v2/apps/${MAIL}/syncs`), 'data')).length
    expect(after).toBeGreaterThanOrEqual(before)
    await page.getByRole('button', { name: 'Test now' }).click()
    await shows(page, 'The app answers.')
    await shows(page, 'The app serves exactly what is registered here.')
  })

  it('is connected by its URL', async () => {
    const sdk = SDKS.find(({ slug }) => slug === 'v4') ?? SDKS[0]
    if (sdk === undefined) throw new Error('No SDK')
    const app = await serveApp(sdk, { id: 'stock', server: demo.server.url }, (kit) => {
      kit.define({ id: 'count', triggers: [{ event: kit.event('count') }], run: () => 1 })
    })
    closers.push(app.close)
    const page = await open('/apps')
    await page.getByRole('button', { name: 'Connect an app' }).click()
    await page.getByRole('textbox', { name: 'URL of the app' }).fill(app.url)
    await page.keyboard.press('Enter')
    await toast(page, 'stock is connected')
    expect(at(await demo.api.ask('/v2/apps/stock/functions/count'), 'data', 'id')).toBe('count')
  })

  it('that cannot be reached says where the way to it ends', async () => {
    const page = await open('/apps?connect=true')
    await page.getByRole('textbox', { name: 'URL of the app' }).fill(`http://127.0.0.1:${await freePort()}/api/inngest`)
    await page.keyboard.press('Enter')
    const window = dialog(page, 'Connect an app')
    await window
      .getByText(/refused/i)
      .first()
      .waitFor()
    await window.getByText('Connect', { exact: true }).first().waitFor()
  })

  it('whose URL is no serve endpoint says what is there instead', async () => {
    const server = createServer((_, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')
    })
    const url = await listen(server, 0)
    closers.push(() => closeServer(server))
    const page = await open('/apps?connect=true')
    await page.getByRole('textbox', { name: 'URL of the app' }).fill(url)
    await page.keyboard.press('Enter')
    await dialog(page, 'Connect an app').getByText(/404/).first().waitFor()
  })
})
