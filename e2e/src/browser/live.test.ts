/**
 * What is on the page keeps up with the store, in order and in good time; and says so when it does not: paused, hidden,
 * the server gone. What one reads stays where it is.
 */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { serveApp } from '../harness/app.ts'
import { SDKS } from '../harness/sdk.ts'
import { newStore } from '../processes/database.ts'
import { ServerProcess } from '../processes/server-process.ts'
import { useDatabase } from '../processes/use-database.ts'
import { useBrowser } from './dashboard.ts'
import { useDemo } from './demo.ts'
import { defineShop, Gate, SHOP } from './demo-functions.ts'
import { measureLatency, tell } from './latency.ts'
import { dialog, main, shows } from './look.ts'

/** What is asserted is generous, since other work may share the machine; the aim is 500 ms. */
const P95_MS = 1_500

const demo = useDemo()
const visit = useBrowser()

async function openRuns(path = '/runs'): Promise<Page> {
  const { page } = await visit()
  await page.goto(demo.url(path))
  await shows(page, /discount|sync-tenant/)
  await isLive(page)
  return page
}

function isLive(page: Page): Promise<void> {
  return page.getByRole('button', { name: /^Live\./ }).waitFor()
}

/** Starts a run that ends at once. */
function startRun(price: number): Promise<string> {
  return demo.start('discount.asked', { price }, 'discount')
}

function linkTo(page: Page, runId: string) {
  return main(page).locator(`a[href*="/runs/${runId}"]`)
}

describe('a change', () => {
  it('is seen within half a second', async () => {
    const page = await openRuns()
    const latency = await measureLatency(page, demo.api, `${SHOP}/discount.asked`)
    tell('One server', latency)
    expect(latency.p95).toBeLessThan(P95_MS)
  })

  it('of a run that is open is seen: its status, its steps, what can be done', async () => {
    const runId = await demo.start('refund.asked', { orderId: 'L-1' }, 'approve-refund')
    await demo.api.rests(runId, 'waiting_for_event')
    const { page } = await visit()
    await page.goto(demo.url(`/runs/${runId}`))
    await shows(page, /Waiting for event/)
    await isLive(page)
    await demo.api.sendOne({ name: `${SHOP}/refund.decided`, data: { orderId: 'L-1' } })
    await page.getByRole('row', { name: /^pay back, step, completed/ }).waitFor()
    await expect
      .poll(() =>
        main(page)
          .getByText(/Waiting for event/)
          .count(),
      )
      .toBe(0)
    await expect.poll(() => page.getByRole('button', { name: 'Cancel run' }).count()).toBe(0)
  })

  it('waits behind a line that counts it while rows are selected, and comes when one asks', async () => {
    const page = await openRuns()
    await page.getByRole('checkbox', { name: 'Select row' }).first().click()
    const runs = [await startRun(1), await startRun(2)]
    await main(page).getByText('2 new runs').waitFor()
    for (const id of runs) expect(await linkTo(page, id).count()).toBe(0)
    await page.keyboard.press('.')
    for (const id of runs) await linkTo(page, id).first().waitFor()
  })

  it('is not shown while live is paused, and is caught up with afterwards', async () => {
    const page = await openRuns()
    await page.keyboard.press('p')
    await page.getByRole('button', { name: /^Paused\./ }).waitFor()
    const runId = await startRun(3)
    await page.waitForTimeout(700)
    expect(await linkTo(page, runId).count()).toBe(0)
    await page.keyboard.press('p')
    await isLive(page)
    await Promise.race([
      linkTo(page, runId).first().waitFor(),
      main(page)
        .getByText(/new run/)
        .waitFor(),
    ])
  })
})

describe('the connection', () => {
  it('is let go a minute after the tab is hidden, and taken up where it was when it is seen again', async () => {
    const { page } = await visit()
    await page.clock.install()
    const streams: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/v2/stream')) streams.push(request.url())
    })
    await page.goto(demo.url('/runs'))
    await shows(page, /discount|sync-tenant/)
    await isLive(page)
    const closed = page.waitForEvent('requestfailed', (request) => request.url().includes('/v2/stream'))
    await setHidden(page, true)
    await page.clock.fastForward(61_000)
    await closed
    const before = streams.length
    const runId = await startRun(4)
    await setHidden(page, false)
    await Promise.race([
      linkTo(page, runId).first().waitFor(),
      main(page)
        .getByText(/new run/)
        .waitFor(),
    ])
    expect(streams.slice(before)).toEqual([expect.stringContaining('after=')])
  })

  it('that is lost is told, the data stays, and all goes on when the server is back', async () => {
    const page = await openRuns()
    const rows = await page.getByRole('row').count()
    await demo.server.kill()
    await page.getByRole('button', { name: /^Reconnecting/ }).waitFor()
    expect(await page.getByRole('row').count()).toBe(rows)
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByText('The server does not answer. What is shown may be old.').waitFor()
    await demo.server.start()
    await page
      .getByRole('button', { name: /^Reconnecting/ })
      .click({ timeout: 2_000 })
      .catch(() => {})
    await isLive(page)
    const runId = await startRun(5)
    await linkTo(page, runId).first().waitFor()
    await expect.poll(() => page.getByText('The server does not answer.').count(), { timeout: 20_000 }).toBe(0)
  })
})

describe('a large payload', () => {
  it('tells how much of it is shown, and loads the rest when one asks', async () => {
    const runId = await demo.start('export.asked', { bytes: 600_000 }, 'export-orders')
    await demo.api.reached(runId, 'Completed')
    const { page } = await visit()
    await page.goto(demo.url(`/runs/${runId}?tab=output`))
    await shows(page, /The first 256 KiB of 58\d KiB/)
    await page.getByRole('button', { name: 'Load all' }).click()
    await expect
      .poll(() =>
        main(page)
          .getByText(/The first 256 KiB/)
          .count(),
      )
      .toBe(0)
    expect(await dialog(page, /./).count()).toBe(0)
  })
})

describe('with two servers on one database', () => {
  const database = useDatabase()

  it('a change at one is seen within half a second at the other', async () => {
    const store = newStore(database())
    const first = await ServerProcess.start(store, { command: 'dev' })
    const second = await ServerProcess.start(store, { command: 'dev' })
    const sdk = SDKS.find(({ slug }) => slug === 'v4')
    if (sdk === undefined) throw new Error('No SDK')
    const app = await serveApp(sdk, { id: SHOP, server: second.url }, (kit) => defineShop(kit, new Gate()))
    try {
      await app.sync()
      await second.api.sendAndWait({ name: `${SHOP}/discount.asked`, data: { price: 1 } })
      const { page } = await visit()
      await page.goto(`${first.url}/runs`)
      await shows(page, 'discount')
      await isLive(page)
      const latency = await measureLatency(page, second.api, `${SHOP}/discount.asked`)
      tell('Two servers on PostgreSQL', latency)
      expect(latency.p95).toBeLessThan(P95_MS)
    } finally {
      await Promise.all([app.close(), first.kill(), second.kill()])
    }
  })
})

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (hidden ? 'hidden' : 'visible'),
    })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}
