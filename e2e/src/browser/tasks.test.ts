/**
 * The main tasks, each by mouse alone and by keyboard alone, counted from the overview. A click, a key, a sequence such as
 * G then R, and a piece of text typed into a search count as one action each. What is typed into a form that has been
 * opened is not counted, and neither is the answer to "really?", which nothing irreversible goes without.
 */
import { createServer } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeServer, listen } from '../harness/app.ts'
import { at, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { Hands, useBrowser } from './dashboard.ts'
import { useDemo } from './demo.ts'
import { SHOP } from './demo-functions.ts'
import { dialog, main, shows, writeJson } from './look.ts'

const demo = useDemo()
const visit = useBrowser()

interface Walker {
  readonly page: Page
  readonly hands: Hands
}

/** Somebody who looks at the overview. */
async function walker(): Promise<Walker> {
  const { page } = await visit()
  await page.goto(demo.url('/'))
  await shows(page, 'The card of Ines was declined')
  await page.getByRole('button', { name: /^Live\./ }).waitFor()
  return { page, hands: new Hands(page) }
}

async function newestRerun(runId: string): Promise<string> {
  return until('the rerun', async () => {
    const [run] = list(at(await demo.api.ask(`/v2/runs?originalRunId=${runId}`), 'data') ?? [])
    return run === undefined ? undefined : text(at(run, 'id'))
  })
}

describe('finds why the last run of a function failed, in 2', () => {
  const BUDGET = 2
  const isSeen = (page: Page) =>
    page.getByRole('tabpanel', { name: 'Error' }).getByText('The card of Ines was declined').waitFor()

  it('by mouse', async () => {
    const { page, hands } = await walker()
    await hands.click(main(page).getByRole('link', { name: /The card of Ines was declined/ }))
    await isSeen(page)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const { page, hands } = await walker()
    await hands.press('j')
    await hands.press('Enter')
    await isSeen(page)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

describe('finds the run of one customer by a field of the payload, in 3', () => {
  const BUDGET = 3
  const QUERY = 'event.data.customer == "Ines"'
  const isSeen = async (page: Page) => {
    await shows(page, 'Searched all:')
    await main(page).locator(`a[href*="/runs/${demo.runs.failed}"]`).waitFor()
  }

  it('by mouse', async () => {
    const { page, hands } = await walker()
    await hands.click(page.getByRole('button', { name: 'Search or run a command' }))
    await dialog(page, 'Search and commands').waitFor()
    await hands.type(QUERY)
    await hands.click(page.getByRole('option', { name: /Search errors of runs|Search runs/ }))
    await isSeen(page)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const { page, hands } = await walker()
    await hands.press('Control+k')
    await dialog(page, 'Search and commands').waitFor()
    await hands.type(QUERY)
    await page.getByRole('option').first().waitFor()
    await hands.press('Enter')
    await isSeen(page)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

describe('runs a failed run again with a corrected payload, in 4', () => {
  const BUDGET = 4
  const FORM = '{"orderId":"A-2002","customer":"Ines","card":"ok","total":20}'

  it('by mouse', async () => {
    const { page, hands } = await walker()
    await hands.click(main(page).getByRole('link', { name: /The card of Ines was declined/ }))
    await hands.click(page.getByRole('button', { name: 'Other ways to rerun' }))
    await hands.click(page.getByRole('menuitem', { name: /Rerun with edited payload/ }))
    await writeJson(page, 'Data of the event', FORM)
    await hands.click(dialog(page, 'Rerun with edited payload').getByRole('button', { name: 'Rerun', exact: true }))
    await demo.api.reached(await newestRerun(demo.runs.failed), 'Completed')
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const failed = await failAgain('Ines')
    const { page, hands } = await walker()
    await hands.press('j')
    await hands.press('Enter')
    await page.getByRole('tabpanel', { name: 'Error' }).waitFor()
    await hands.press('Shift+R')
    await writeJson(page, 'Data of the event', FORM)
    await hands.press('Control+Enter')
    await demo.api.reached(await newestRerun(failed), 'Completed')
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

/** One more order that fails, so that it is the newest failure. */
async function failAgain(customer: string): Promise<string> {
  const runId = await demo.start('order.placed', { orderId: 'A-3000', customer, card: 'declined' }, 'order-placed')
  await demo.api.reached(runId, 'Failed')
  return runId
}

describe('runs everything again that failed in a window, after a dry run, in 5', () => {
  const BUDGET = 5
  const isDone = async (page: Page, count: number) => {
    await page.waitForURL(/\/bulk\?.*id=/)
    const id = text(new URL(page.url()).searchParams.get('id'))
    const operation = await until('the operation to end', async () => {
      const seen = at(await demo.api.ask(`/v2/bulk-operations/${id}`), 'data')
      return at(seen, 'state') === 'done' && seen
    })
    expect(operation).toMatchObject({ kind: 'RERUN', totalCount: count, doneCount: count })
  }
  const dryCount = async (page: Page): Promise<number> => {
    const told = dialog(page, 'New bulk operation').getByText(/^\d+ runs? match/)
    await told.waitFor()
    return Number.parseInt(text(await told.textContent()), 10)
  }

  it('by mouse', async () => {
    await failAgain('Lena')
    const { page, hands } = await lateWalker()
    await hands.click(page.getByRole('link', { name: 'Bulk operations' }))
    await hands.click(page.getByRole('button', { name: 'New operation' }).first())
    const window = dialog(page, 'New bulk operation')
    await hands.click(window.getByRole('button', { name: /^Time range/ }))
    await hands.click(page.getByText('Last hour', { exact: true }))
    const count = await dryCount(page)
    expect(count).toBeGreaterThan(0)
    await hands.click(window.getByRole('button', { name: /^Rerun \d+ runs?$/ }))
    await isDone(page, count)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const { page, hands } = await lateWalker()
    await hands.press('g')
    await page.keyboard.press('b')
    await page.getByRole('button', { name: 'New operation' }).first().waitFor()
    await hands.press('n')
    const count = await dryCount(page)
    await page.getByRole('button', { name: /^Rerun \d+ runs?$/ }).waitFor()
    await hands.press('Control+Enter')
    await isDone(page, count)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

/** The overview whatever failed last. */
async function lateWalker(): Promise<Walker> {
  const { page } = await visit()
  await page.goto(demo.url('/'))
  await shows(page, 'Failing functions')
  await page.getByRole('button', { name: /^Live\./ }).waitFor()
  return { page, hands: new Hands(page) }
}

describe('stops one long run, in 3', () => {
  const BUDGET = 3

  it('by mouse', async () => {
    const { page, hands } = await lateWalker()
    await hands.click(main(page).getByRole('link', { name: 'Steps running now' }))
    await hands.click(page.getByRole('row', { name: /import-catalog/ }).getByText('shop/catalog.uploaded'))
    await hands.click(page.getByRole('button', { name: 'Cancel run' }).first())
    await dialog(page, 'Cancel this run?').getByRole('button', { name: 'Cancel run' }).click()
    await demo.api.reached(demo.runs.running, 'Cancelled')
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const long = await demo.start('catalog.uploaded', { files: 1 }, 'import-catalog')
    await demo.api.rests(long, 'executing')
    const { page, hands } = await lateWalker()
    await hands.press('g')
    await page.keyboard.press('r')
    await page
      .getByRole('row', { name: /import-catalog/ })
      .first()
      .waitFor()
    await hands.press('j')
    await page.getByRole('button', { name: 'Cancel run' }).first().waitFor()
    await hands.press('c')
    await dialog(page, 'Cancel this run?').waitFor()
    await page.keyboard.press('Control+Enter')
    await demo.api.reached(long, 'Cancelled')
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

describe('sees why a run waits, in 2', () => {
  const BUDGET = 2

  it('by mouse', async () => {
    const { page, hands } = await lateWalker()
    await shows(page, 'Waits for a slot of key tenant_42')
    await hands.click(main(page).getByRole('link', { name: 'sync-tenant' }))
    await shows(page, /Waiting for a slot: limit 1/)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const slot = await demo.start('tenant.changed', { tenant: 'tenant_42' }, 'sync-tenant')
    await demo.api.rests(slot, 'concurrency')
    const { page, hands } = await lateWalker()
    await hands.press('g')
    await page.keyboard.press('r')
    await page.getByRole('table', { name: 'Runs' }).locator(`a[href*="/runs/${slot}"]`).waitFor()
    await hands.press('j')
    await shows(page, /Waiting for a slot: limit 1/)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

describe('pauses a function for an hour and sees that it is paused, in 4', () => {
  const BUDGET = 4
  const isPaused = async (page: Page, fn: string) => {
    await shows(page, /Paused since/)
    const pause = at(await demo.api.ask(`/v2/apps/${SHOP}/functions/${fn}`), 'data', 'pause')
    const left = Date.parse(text(at(pause, 'until'))) - (await demo.api.now())
    expect(Math.round(left / 60_000)).toBe(60)
  }

  it('by mouse', async () => {
    const { page, hands } = await lateWalker()
    await hands.click(page.getByRole('link', { name: 'Functions', exact: true }))
    await hands.click(main(page).getByRole('link', { name: 'discount' }))
    await hands.click(page.getByRole('button', { name: 'Pause…' }))
    await hands.click(dialog(page, 'Pause discount').getByRole('button', { name: 'Pause', exact: true }))
    await isPaused(page, 'discount')
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const { page, hands } = await lateWalker()
    await hands.press('Control+k')
    await dialog(page, 'Search and commands').waitFor()
    await hands.type('pause nightly')
    await page.getByRole('option', { name: /Pause nightly-report/ }).waitFor()
    await hands.press('Enter')
    await dialog(page, 'Pause nightly-report').waitFor()
    await hands.press('Control+Enter')
    await isPaused(page, 'nightly-report')
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

describe('connects an app that fails to sync and learns the cause, in 3', () => {
  const BUDGET = 3
  let url = ''
  const server = createServer((_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')
  })
  beforeAll(async () => {
    url = await listen(server, 0)
  })
  afterAll(() => closeServer(server))
  const isSeen = (page: Page) => dialog(page, 'Connect an app').getByText(/404/).first().waitFor()

  it('by mouse', async () => {
    const { page, hands } = await lateWalker()
    await hands.click(page.getByRole('link', { name: 'Apps' }))
    await hands.click(page.getByRole('button', { name: 'Connect an app' }))
    await page.getByRole('textbox', { name: 'URL of the app' }).fill(url)
    await hands.click(dialog(page, 'Connect an app').getByRole('button', { name: 'Connect', exact: true }))
    await isSeen(page)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })

  it('by keyboard', async () => {
    const { page, hands } = await lateWalker()
    await hands.press('g')
    await page.keyboard.press('p')
    await page.getByRole('button', { name: 'Connect an app' }).waitFor()
    await hands.press('n')
    await dialog(page, 'Connect an app').waitFor()
    await page.keyboard.insertText(url)
    await hands.press('Enter')
    await isSeen(page)
    expect(hands.actions).toBeLessThanOrEqual(BUDGET)
  })
})

describe('all by keyboard', () => {
  it('the first stop of the Tab key leads past the navigation, and the focus is always seen', async () => {
    const { page } = await lateWalker()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    await page.keyboard.press('Enter')
    for (let stop = 0; stop < 12; stop++) {
      await page.keyboard.press('Tab')
      const outline = await page.evaluate(() => {
        const { activeElement } = document
        if (activeElement === null || activeElement === document.body) return 'nowhere'
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(activeElement)
        return outlineStyle !== 'none' && outlineWidth !== '0px' ? 'seen' : boxShadow === 'none' ? 'unseen' : 'seen'
      })
      expect(outline).toBe('seen')
    }
  })

  it('a window keeps the focus and gives it back', async () => {
    const { page } = await lateWalker()
    await page.getByRole('link', { name: 'Apps' }).click()
    const opener = page.getByRole('button', { name: 'Connect an app' })
    await opener.focus()
    await page.keyboard.press('Enter')
    await dialog(page, 'Connect an app').waitFor()
    for (let stop = 0; stop < 15; stop++) {
      await page.keyboard.press('Tab')
      expect(
        await page.evaluate(
          () =>
            document.querySelector('main')?.contains(document.activeElement) === true &&
            document.querySelector('dialog')?.contains(document.activeElement) !== true,
        ),
      ).toBe(false)
    }
    await page.keyboard.press('Escape')
    await dialog(page, 'Connect an app').waitFor({ state: 'detached' })
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('no letter does anything while one types', async () => {
    const { page } = await lateWalker()
    await page.getByRole('link', { name: 'Functions', exact: true }).click()
    await page.getByRole('searchbox', { name: /Search by name/ }).click()
    await page.keyboard.type('egr?')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/functions')
  })
})
