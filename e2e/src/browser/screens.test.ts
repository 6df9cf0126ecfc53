/**
 * Every screen in both themes, with data and in every state that is not "all is well": empty, slow, failing, signed out,
 * absent, narrow, zoomed. None may break a rule of accessibility, ask for what the content policy refuses, or pass a
 * failed request off as an empty list.
 */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { expectAccessible, useBrowser } from './dashboard.ts'
import { useDemo } from './demo.ts'
import {
  delay,
  dialog,
  empty,
  expectFineInBothThemes,
  expectNotSideways,
  fail,
  main,
  PICTURE_ROOM,
  shows,
} from './look.ts'
import { OVERLAYS, SCREENS } from './screens.ts'

const HOURS = process.env.PAWL_SCREENSHOTS === '1' ? 26 : 3

const demo = useDemo({ hours: HOURS })
const visit = useBrowser()

describe('in both themes', () => {
  it.each(SCREENS)('$name shows its data and breaks no rule', async ({ name, path, shows: text }) => {
    const { page } = await visit({ viewport: PICTURE_ROOM })
    await page.goto(demo.url(path(demo.runs)))
    await shows(page, text)
    await expectNotSideways(page)
    await settle(page)
    await expectFineInBothThemes(page, name)
  })

  it.each(OVERLAYS)('the window $name breaks no rule', async ({ name, path, key, dialog: title }) => {
    const { page } = await visit({ viewport: PICTURE_ROOM })
    await page.goto(demo.url(path))
    await openOverlay(page, key, title)
    await expectFineInBothThemes(page, name)
  })

  it('a failed run shows its error, and a waiting one its reason', async () => {
    const { page } = await visit({ viewport: PICTURE_ROOM })
    await page.goto(demo.url(`/runs/${demo.runs.failed}?tab=error`))
    await shows(page, 'The card of Ines was declined')
    await settle(page)
    await expectFineInBothThemes(page, 'run-failed')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(demo.url(`/runs/${demo.runs.slot}`))
    await shows(page, 'Waiting for a slot')
    await settle(page)
    await expectFineInBothThemes(page, 'run-waiting')
  })

  it('the theme is known before the first picture: its script stands before every style', async () => {
    const { page } = await visit({ theme: 'dark' })
    await page.goto(demo.url('/'))
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    const order = await page.evaluate(() =>
      [...document.head.querySelectorAll('script:not([type=module]), link[rel=stylesheet]')].map(
        ({ tagName }) => tagName,
      ),
    )
    expect(order.indexOf('SCRIPT')).toBeGreaterThanOrEqual(0)
    expect(order.indexOf('SCRIPT')).toBeLessThan(order.indexOf('LINK'))
  })
})

const LISTS = SCREENS.filter(({ empty: words }) => words !== undefined)

describe('a screen', () => {
  it('teaches when there is nothing yet', async () => {
    const { page } = await visit()
    await inTurn(LISTS, async ({ path, reads, empty: words = '' }) => {
      const emptied = await empty(page, reads)
      await page.goto(demo.url(path(demo.runs)))
      await shows(page, words)
      await expectNotSideways(page)
      await expectAccessible(page)
      await emptied.end()
    })
  })

  it('keeps its shape while an answer takes three seconds, and then shows it', async () => {
    await together(SCREENS, async ({ path, reads, shows: text }) => {
      const { page } = await visit()
      const late = await delay(page, reads, 3_000)
      await page.goto(demo.url(path(demo.runs)), { waitUntil: 'commit' })
      await page.getByRole('heading', { level: 1 }).waitFor()
      await expect.poll(late.count).toBeGreaterThan(0)
      await expectNotSideways(page)
      expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
      await shows(page, text)
    })
  })

  it('says that a request failed, with its code and a way to try again, and never shows an empty list for it', async () => {
    await together(SCREENS, async ({ name, path, reads, shows: text, empty: words }) => {
      const { page } = await visit()
      const failing = await fail(page, reads, 500, 'internal_server_error')
      await page.goto(demo.url(path(demo.runs)))
      await shows(page, /It went wrong on purpose: internal_server_error/)
      await shows(page, /internal_server_error/)
      await shows(page, /request-17/)
      if (words !== undefined) expect(await main(page).getByText(words, { exact: true }).count(), name).toBe(0)
      await failing.end()
      await main(page).getByRole('button', { name: 'Try again' }).first().click()
      await shows(page, text)
    })
  })

  it('asks for a sign-in when the server wants one, and keeps the page', async () => {
    await together(SCREENS, async ({ path, reads }) => {
      const { page } = await visit()
      await fail(page, reads, 401, 'invalid_signing_key')
      const address = demo.url(path(demo.runs))
      await page.goto(address)
      await dialog(page, 'Sign in').waitFor()
      expect(page.url()).toBe(address)
    })
  })

  it('says what is not there', async () => {
    const { page } = await visit()
    for (const { absent } of SCREENS) {
      if (absent === undefined) continue
      await page.goto(demo.url(absent.path))
      await page.getByText(absent.says).filter({ visible: true }).first().waitFor()
      await expectAccessible(page)
    }
  })

  it('says that an address leads nowhere', async () => {
    const { page } = await visit()
    await page.goto(demo.url('/no/such/page'))
    await page.getByText('There is no such page.').first().waitFor()
    await expectAccessible(page)
  })

  it('says that retention may have removed a run, with the days that runs are kept', async () => {
    const { page } = await visit()
    await page.goto(demo.url('/runs/01HAAAAAAAAAAAAAAAAAAAAAAA'))
    await shows(page, /removed/)
    await shows(page, /\d+ days/)
    await page.getByRole('link', { name: /runs/i }).first().waitFor()
  })

  it.each([
    { title: '320 px wide', viewport: { width: 320, height: 640 }, deviceScaleFactor: 1 },
    { title: 'zoomed to 200 %', viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  ])('is read without scrolling sideways when it is $title', async ({ title: _, ...options }) => {
    const { page } = await visit(options)
    await inTurn(SCREENS, async ({ path, shows: text }) => {
      await page.goto(demo.url(path(demo.runs)))
      await shows(page, text)
      await expectNotSideways(page)
    })
    for (const { path, key, dialog: title } of OVERLAYS) {
      await page.goto(demo.url(path))
      await openOverlay(page, key, title)
      await expectNotSideways(page)
      await expect.poll(() => sidewaysDialog(page), { message: title }).toBe(0)
    }
  })
})

async function openOverlay(page: Page, key: string | undefined, title: string): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settle(page)
  if (key !== undefined) await page.keyboard.press(key)
  await dialog(page, title).waitFor()
  await settle(page)
}

/** Waits until charts and editors, which come later, are there. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"]').length === 0)
  await page.waitForTimeout(150)
}

function sidewaysDialog(page: Page): Promise<number> {
  return page
    .getByRole('dialog')
    .first()
    .evaluate((element) => Math.max(0, element.scrollWidth - element.clientWidth))
}

async function inTurn<T>(items: readonly T[], look: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await look(item).catch(named(item))
}

/** Several pages at once, for what mostly waits. */
async function together<T>(items: readonly T[], look: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(items.map((item) => look(item).catch(named(item))))
}

function named(item: unknown) {
  return (error: unknown): never => {
    const name = typeof item === 'object' && item !== null && 'name' in item ? String(item.name) : String(item)
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
