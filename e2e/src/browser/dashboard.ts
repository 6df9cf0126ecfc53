/**
 * A person in front of the dashboard: a real browser on a real server, in one theme, with everything written down that
 * must never happen (script errors, refused content, dialogs). A test that leaves any of these behind fails.
 */
import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { openBrowser } from './chromium.ts'

export type Theme = 'light' | 'dark'
export const THEMES: readonly Theme[] = ['light', 'dark']

/** How long one step of a test may take, in milliseconds. */
const STEP_MS = 15_000

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** What must not happen: errors of scripts, refusals by the content policy, dialogs. */
  readonly faults: readonly string[]
}

export interface VisitOptions extends BrowserContextOptions {
  readonly theme?: Theme
}

/** Opens a browser for the tests of a file; each `visit` is a new profile, closed after its test. */
export function useBrowser(): (options?: VisitOptions) => Promise<Visit> {
  let browser: Browser | undefined
  const open: Visit[] = []
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterEach(async () => {
    const ended = open.splice(0)
    await Promise.all(ended.map(({ context }) => context.close()))
    expect(ended.flatMap(({ faults }) => faults)).toEqual([])
  })
  afterAll(() => browser?.close())
  return async ({ theme = 'light', ...options } = {}) => {
    if (browser === undefined) throw new Error('The browser has not been started')
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: theme,
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
      ...options,
    })
    // A step that hangs is to fail by itself, before the whole test does.
    context.setDefaultTimeout(STEP_MS)
    const page = await context.newPage()
    const visit = { page, context, faults: watchFaults(page) }
    open.push(visit)
    return visit
  }
}

function watchFaults(page: Page): readonly string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`script error: ${error.message}`))
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) faults.push(`refused: ${message.text()}`)
  })
  return faults
}

/** What of axe's rules depends on colours, and therefore on the theme. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block'] as const

/** Nothing that axe knows is wrong with the page as it stands; or nothing of these rules. */
export async function expectAccessible(page: Page, rules?: readonly string[]): Promise<void> {
  const axe = new AxeBuilder({ page })
  const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze()
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
  expect(told).toEqual([])
}

/** Counts what a person does: each click and each key (or text typed) is one action. */
export class Hands {
  readonly #page: Page
  actions = 0

  constructor(page: Page) {
    this.#page = page
  }

  async click(selector: Parameters<Page['locator']>[0] | ReturnType<Page['locator']>): Promise<void> {
    this.actions++
    await (typeof selector === 'string' ? this.#page.locator(selector) : selector).click()
  }

  async press(key: string): Promise<void> {
    this.actions++
    await this.#page.keyboard.press(key)
  }

  async type(text: string): Promise<void> {
    this.actions++
    await this.#page.keyboard.insertText(text)
  }
}
