/**
 * What tests see of a page and what they make of its requests: text in its main part, its width, answers that are late,
 * wrong or empty in place of the server's.
 */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { repositoryRoot } from '../harness/paths.ts'
import { COLOUR_RULES, expectAccessible, type Theme } from './dashboard.ts'

/** The part of the page that a screen fills. */
export function main(page: Page): Locator {
  return page.locator('main')
}

/** Waits until the text is seen in the main part. */
export async function shows(page: Page, text: string | RegExp): Promise<void> {
  await main(page).getByText(text).filter({ visible: true }).first().waitFor()
}

/** The window with this title. */
export function dialog(page: Page, name: string | RegExp): Locator {
  return page.getByRole('dialog', { name })
}

/** Nothing has to be scrolled sideways to be read. Tells what sticks out, so that it is found. */
export async function expectNotSideways(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const rooms = [document.documentElement, document.body, document.querySelector('main')]
    const room = rooms.find((each) => each !== null && each.scrollWidth > each.clientWidth)
    if (!room) return []
    const edge = room.getBoundingClientRect().right + 1
    const out = [...room.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > edge)
    return [room, ...out.slice(0, 4)].map(
      (each) => `${each.tagName}.${each.className} ${each.textContent?.slice(0, 40)}`,
    )
  })
  expect(wide).toEqual([])
}

export interface Intercepted {
  /** How many requests have been answered in the server's place, or late. */
  count(): number
  /** From now on the server answers itself, and at once. */
  end(): Promise<void>
}

/** Holds the answers to these requests back. */
export function delay(page: Page, pattern: RegExp, ms: number): Promise<Intercepted> {
  return intercept(page, pattern, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    await route.continue().catch(() => {})
  })
}

/** Answers these requests with a fault of the API. */
export function fail(page: Page, pattern: RegExp, status: number, code: string): Promise<Intercepted> {
  const body = JSON.stringify({ errors: [{ code, message: `It went wrong on purpose: ${code}.` }] })
  const headers = { 'content-type': 'application/json', 'x-request-id': 'request-17' }
  return intercept(page, pattern, (route) => route.fulfill({ status, headers, body }))
}

/** Answers these requests with an empty list. */
export function empty(page: Page, pattern: RegExp): Promise<Intercepted> {
  const fetchedAt = new Date().toISOString()
  const body = JSON.stringify({ metadata: { fetchedAt }, page: { limit: 50 } })
  return intercept(page, pattern, (route) => route.fulfill({ contentType: 'application/json', body }))
}

type Handler = Parameters<Page['route']>[1]

async function intercept(page: Page, pattern: RegExp, answer: Handler): Promise<Intercepted> {
  let count = 0
  const handler: Handler = (route, request) => {
    count++
    return answer(route, request)
  }
  await page.route(pattern, handler)
  return { count: () => count, end: () => page.unroute(pattern, handler) }
}

/** Pictures are taken in this room, so that they stay small. */
export const PICTURE_ROOM = { width: 1120, height: 700 } as const

/** The largest picture that the documentation takes, in bytes. */
const PICTURE_BYTES_MAX = 120 * 1024

/** With `PAWL_SCREENSHOTS=1`: a picture of the page for `docs/dashboard.md`. */
export async function picture(page: Page, name: string, theme: Theme): Promise<void> {
  if (process.env.PAWL_SCREENSHOTS !== '1') return
  const folder = join(repositoryRoot, 'docs', 'dashboard')
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${name}-${theme}.png`)
  await page.mouse.move(0, 0)
  // Charts draw themselves anew after the theme has changed.
  await page.waitForTimeout(300)
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
  expect((await stat(path)).size, path).toBeLessThanOrEqual(PICTURE_BYTES_MAX)
}

/** The page breaks no rule in either theme, and has its picture taken in both. It was opened in the light one. */
export async function expectFineInBothThemes(page: Page, name: string): Promise<void> {
  await picture(page, name, 'light')
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('html[data-theme="dark"]').waitFor()
  await picture(page, name, 'dark')
  // The elements are the same as before: only what depends on colours is judged again.
  await expectAccessible(page, COLOUR_RULES)
}

/** Puts a text in the place of what the JSON editor with this label holds. */
export async function writeJson(page: Page, label: string, text: string): Promise<void> {
  const editor = page.locator('.cm-content').and(page.getByRole('textbox', { name: label }))
  await editor.waitFor()
  await editor.fill(text)
}

/** Chooses an entry of the menu that a button opens. */
export async function choose(page: Page, button: string | RegExp, entry: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('menuitem', { name: entry }).click()
}

/** A message that something was done. */
export async function toast(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole('region', { name: 'Notifications' }).getByText(text).first().waitFor()
}
