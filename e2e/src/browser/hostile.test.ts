/**
 * Data that wants to be more than data: markup, endless names, text that runs the other way, names of the language's own
 * properties, nesting without end. It is shown as text; it runs nothing, and the page keeps its width.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FlowApi } from '../flow/flow-api.ts'
import { type App, serveApp } from '../harness/app.ts'
import { SDKS } from '../harness/sdk.ts'
import { at, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { expectAccessible, useBrowser } from './dashboard.ts'
import { expectNotSideways, main } from './look.ts'

const MARKUP = '<img src=x onerror=alert(1)>'
const SCRIPT = '"><script>alert(2)</script>'
const RTL = 'left\u202Ethgir\u2066 \u200Bמימין'
const ENDLESS = `endless-${'n'.repeat(10_000)}`
const DEPTH = 64

const server = useServer()
const visit = useBrowser()
const ids = { event: '', completed: '', failed: '', function: 'hostile' }
let app: App | undefined

const DATA = {
  [MARKUP]: SCRIPT,
  __proto__x: { isAdmin: true },
  rtl: RTL,
  endless: ENDLESS,
  link: 'javascript:alert(3)',
  deep: JSON.parse(`${'['.repeat(DEPTH - 4)}1${']'.repeat(DEPTH - 4)}`),
}
/** As text, since an object of the language would take `__proto__` for its own. */
const BODY = (name: string) =>
  `{"name":${JSON.stringify(name)},"data":{"__proto__":{"polluted":1},"constructor":{"prototype":1},${JSON.stringify(DATA).slice(1)}}`

beforeAll(async () => {
  const sdk = SDKS.find(({ slug }) => slug === 'v4')
  if (sdk === undefined) throw new Error('No SDK')
  const names = [MARKUP, `${RTL} ${SCRIPT}`, ENDLESS.slice(0, 250)]
  app = await serveApp(sdk, { id: 'hostile', server: server().url }, (kit) => {
    for (const [nth, fails] of [false, true].entries()) {
      kit.define({
        id: `f${nth}`,
        name: nth === 0 ? MARKUP : `${RTL} ${ENDLESS}`.slice(0, 255),
        retries: 0,
        triggers: names.map((event) => ({ event })),
        run: async ({ step, event }) => {
          for (const name of [...names, ENDLESS]) await step.run(name, () => event.data)
          if (fails) throw new Error(`${MARKUP} ${RTL} ${SCRIPT}\n${ENDLESS}`)
          return event.data
        },
      })
    }
  })
  await app.sync()
  const api = new FlowApi(server().url)
  for (const name of names) {
    const answer = await api.ask('/e/e2e', {
      method: 'POST',
      body: BODY(name),
      headers: { 'content-type': 'application/json' },
    })
    ids.event = text(list(at(answer, 'ids'))[0])
  }
  const ended = async (status: string) =>
    until(`three ${status} runs`, async () => {
      const runs = list(at(await api.ask(`/v2/runs?status=${status}`), 'data') ?? [])
      return runs.length === names.length && text(at(runs[0], 'id'))
    })
  ids.completed = await ended('COMPLETED')
  ids.failed = await ended('FAILED')
})
afterAll(() => app?.close())

/** What a name or text made of a page: elements that nobody wrote into it. */
async function expectOnlyText(page: Page): Promise<void> {
  expect(await page.locator('img[src="x"], img[onerror], script:not([src])').count()).toBe(0)
  expect(await page.locator('a[href^="javascript:"]').count()).toBe(0)
  expect(await page.evaluate(() => 'polluted' in {} || 'isAdmin' in {})).toBe(false)
  await expectNotSideways(page)
}

const PAGES: readonly (readonly [string, () => string])[] = [
  ['overview', () => '/'],
  ['runs', () => '/runs'],
  ['the panel of a run', () => `/runs?run=${ids.failed}`],
  ['a completed run', () => `/runs/${ids.completed}?tab=output`],
  ['its input', () => `/runs/${ids.completed}?tab=input`],
  ['a failed run', () => `/runs/${ids.failed}?tab=error`],
  ['its raw form', () => `/runs/${ids.failed}?tab=raw`],
  ['events', () => '/events'],
  ['an event', () => `/events/${ids.event}`],
  ['functions', () => '/functions'],
  ['a function', () => '/functions/hostile/f1'],
  ['its configuration', () => '/functions/hostile/f0?tab=configuration'],
  ['an app', () => '/apps/hostile'],
  ['metrics', () => '/charts'],
  ['a bulk operation', () => '/bulk?new=true&status=FAILED&last=24h'],
  ['a filter', () => `/runs?query=${encodeURIComponent(MARKUP)}&eventName=${encodeURIComponent(SCRIPT)}`],
]

it.each([
  { title: 'wide', viewport: { width: 1280, height: 800 } },
  { title: 'narrow', viewport: { width: 360, height: 740 } },
])('shows hostile data as text on every screen, $title', async ({ viewport }) => {
  const { page } = await visit({ viewport })
  const faults: string[] = []
  for (const [name, path] of PAGES) {
    await page.goto(`${server().url}${path()}`)
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    await page.waitForFunction(() => document.querySelectorAll('main [aria-busy="true"]').length === 0)
    await page.waitForTimeout(200)
    if (!(await page.getByRole('heading', { level: 1 }).isVisible())) faults.push(`${name}: no title is seen`)
    await expectOnlyText(page).catch((error: unknown) => faults.push(`${name}: ${told(error)}`))
  }
  expect(faults).toEqual([])
})

function told(error: unknown): string {
  const actual = at(error, 'actual')
  return `${error instanceof Error ? error.message : ''} ${JSON.stringify(actual)}`
}

it('unfolds a payload of 64 levels with keys of the language, in the tree and as raw text', async () => {
  const { page } = await visit()
  await page.goto(`${server().url}/events/${ids.event}`)
  await page.getByRole('tree', { name: 'Payload' }).waitFor()
  await page.getByRole('button', { name: 'Unfold all' }).click()
  await main(page).getByText('"__proto__"').first().waitFor()
  await main(page).getByText(SCRIPT).first().waitFor()
  await expectOnlyText(page)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Show raw text' }).click()
  await main(page).getByText('"__proto__"').first().waitFor()
  await expectOnlyText(page)
})

it('shows the error of a run with all that it holds', async () => {
  const { page } = await visit()
  await page.goto(`${server().url}/runs/${ids.failed}?tab=error`)
  await page.getByRole('tabpanel', { name: 'Error' }).getByText(MARKUP).first().waitFor()
  await expectOnlyText(page)
  await expectAccessible(page)
})
