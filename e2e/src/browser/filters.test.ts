/**
 * Every filter stands in the address: what one chooses is written there, an address that is opened shows the same choice,
 * and the server is asked for just that.
 */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useBrowser } from './dashboard.ts'
import { useDemo } from './demo.ts'
import { main, shows } from './look.ts'

const demo = useDemo({ hours: 1 })
const visit = useBrowser()

async function open(path: string): Promise<Page> {
  const { page } = await visit()
  await page.goto(demo.url(path))
  await page.getByRole('heading', { level: 1 }).waitFor()
  return page
}

/** The parameters of the address, as soon as they are these. */
async function expectAddress(page: Page, search: string): Promise<void> {
  await expect.poll(() => decodeURIComponent(new URL(page.url()).search)).toBe(search)
}

describe('an address with a filter shows it, asks the server for it, and keeps it', () => {
  const CASES: readonly (readonly [path: string, asked: string])[] = [
    ['/runs?status=FAILED&status=CANCELLED', 'status=FAILED&status=CANCELLED'],
    ['/runs?function=shop-order-placed&last=7d', 'function=shop-order-placed'],
    ['/runs?appId=mail', 'appId=mail'],
    ['/runs?eventName=shop%2Forder.placed', 'eventName=shop/order.placed'],
    ['/runs?timeField=endedAt&order=ASC', 'timeField=endedAt'],
    ['/runs?hasRetries=true', 'hasRetries=true'],
    ['/runs?isBatch=false', 'isBatch=false'],
    ['/runs?longerThanMs=1', 'longerThanMs=1'],
    ['/runs?cron=*%2F30+*+*+*+*', 'cron=*/30'],
    ['/runs?from=2026-01-01T00%3A00%3A00.000Z&until=2027-01-01T00%3A00%3A00.000Z', 'from=2026-01-01T00:00:00.000Z'],
    ['/runs?query=event.data.total+%3E+80', 'query=event.data.total > 80'],
    ['/events?name=shop%2Forder.placed', 'name=shop/order.placed'],
    ['/events?startedNothing=true', 'startedNothing=true'],
    ['/events?includeInternal=true', 'includeInternal=true'],
    ['/events?query=event.data.total+%3E+80', 'query=event.data.total > 80'],
    ['/charts?function=shop-order-placed&last=6h', 'function=shop-order-placed'],
    ['/charts?appId=mail', 'appId=mail'],
    ['/?range=7d', 'range=7d'],
  ]
  it.each(CASES)('%s', async (path, asked) => {
    const { page } = await visit()
    const requests: string[] = []
    page.on('request', (request) => requests.push(decodeURIComponent(request.url().replaceAll('+', ' '))))
    await page.goto(demo.url(path))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await expect
      .poll(() => requests.some((url) => url.includes('/v2/') && url.includes(asked)), { message: requests.join('\n') })
      .toBe(true)
    expect(search(page.url())).toBe(search(demo.url(path)))
    await page.reload()
    expect(search(page.url())).toBe(search(demo.url(path)))
  })
})

/** The same however it is escaped. */
function search(url: string): string {
  return new URL(url).searchParams.toString()
}

describe('what one chooses is in the address', () => {
  it('statuses of runs, which its chip takes away again', async () => {
    const page = await open('/runs')
    await page.getByRole('button', { name: 'Status' }).click()
    await page.getByRole('option', { name: 'Failed' }).click()
    await page.getByRole('option', { name: 'Cancelled' }).click()
    await page.keyboard.press('Escape')
    await expectAddress(page, '?status=FAILED&status=CANCELLED')
    await page.getByRole('button', { name: /^Remove filter Status/ }).click()
    await expectAddress(page, '')
  })

  it('a range of time', async () => {
    const page = await open('/runs')
    await page.keyboard.press('t')
    await page.getByText('Last 7 days').click()
    await expectAddress(page, '?last=7d')
  })

  it('a search, which goes through the payloads and tells how far it came', async () => {
    const page = await open('/runs')
    await page.keyboard.press('/')
    await page.keyboard.insertText('event.data.orderId == "A-2001"')
    await page.keyboard.press('Enter')
    await shows(page, 'Searched all:')
    // The heading, the two functions that the order starts, and the one that one of them invokes with its ID.
    await expect.poll(() => main(page).getByRole('row').count()).toBe(4)
    expect(search(page.url())).toContain('query=')
  })

  it('a search with a fault, which is shown at its column', async () => {
    const page = await open('/runs')
    await page.keyboard.press('/')
    await page.keyboard.insertText('event.data.total >')
    await page.keyboard.press('Enter')
    await shows(page, /Column \d+/)
  })

  it('an ID, which leads straight to its page', async () => {
    const page = await open('/runs')
    await page.keyboard.press('/')
    await page.keyboard.insertText(demo.runs.failed)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/runs/${demo.runs.failed}*`)
  })

  it('words over functions, and the order of the list', async () => {
    const page = await open('/functions')
    await page.getByRole('searchbox', { name: /Search by name/ }).fill('order')
    await expect.poll(() => search(page.url())).toContain('words=order')
    await page.getByRole('button', { name: 'Failure rate' }).click()
    await expect.poll(() => search(page.url())).toContain('sort=failureRate')
  })

  it('the state of schedules', async () => {
    const page = await open('/schedules')
    await page.getByText('Off', { exact: true }).click()
    await expectAddress(page, '?state=off')
  })

  it('the step that is open, its tab, and filters over steps', async () => {
    const page = await open(`/runs/${demo.runs.completed}`)
    await page.getByRole('row', { name: /^pack,/ }).click()
    await expect.poll(() => search(page.url())).toMatch(/step=/)
    const address = page.url()
    await page.goto(address)
    await page.getByRole('region', { name: 'Step pack' }).waitFor()
  })
})

describe('a list that is empty', () => {
  it('because of its filters names them, and clears them', async () => {
    const page = await open('/runs?function=shop-nightly-report&status=CANCELLED')
    await shows(page, 'No runs match these filters')
    await main(page).getByRole('button', { name: 'Clear filters' }).click()
    await shows(page, 'order-placed')
    await expectAddress(page, '')
  })

  it('because of its time range leads to the nearest time with runs', async () => {
    const page = await open('/runs?from=2026-01-01T00%3A00%3A00.000Z&until=2026-01-02T00%3A00%3A00.000Z')
    await shows(page, 'No runs in this time range')
    await main(page).getByText('Show that time').first().click()
    await shows(page, /order-placed|refresh-prices|sync-tenant/)
  })

  it('of events because of its filters clears them', async () => {
    const page = await open('/events?name=shop%2Fnever')
    await shows(page, 'No events match these filters')
    await main(page).getByRole('button', { name: 'Clear filters' }).click()
    await shows(page, 'shop/order.placed')
  })
})
