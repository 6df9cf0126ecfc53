/**
 * A server in production: nothing is shown before a signing key was given, a wrong one is refused without saying why, and
 * what was open stays open. Afterwards the page works by its cookie alone.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newStore } from '../processes/database.ts'
import { SIGNING_KEY } from '../processes/production.ts'
import { ServerProcess } from '../processes/server-process.ts'
import { useDatabase } from '../processes/use-database.ts'
import { expectAccessible, THEMES, useBrowser } from './dashboard.ts'
import { dialog, expectNotSideways, picture, shows } from './look.ts'

const database = useDatabase()
const visit = useBrowser()
let server: ServerProcess | undefined

beforeAll(async () => {
  server = await ServerProcess.start(newStore(database()))
})
afterAll(() => server?.kill())

function url(path: string): string {
  return `${server?.url}${path}`
}

it.each(THEMES)('asks for the key and breaks no rule, in the %s theme', async (theme) => {
  for (const viewport of [
    { width: 320, height: 640 },
    { width: 1120, height: 700 },
  ]) {
    const { page } = await visit({ theme, viewport })
    await page.goto(url('/runs?status=FAILED'))
    await dialog(page, 'Sign in').waitFor()
    await expectNotSideways(page)
    await expectAccessible(page)
    if (viewport.width > 320) await picture(page, 'sign-in', theme)
  }
})

it('lets nobody in with a wrong key, and says no more than that', async () => {
  const { page } = await visit()
  await page.goto(url('/'))
  await page.getByLabel('Signing key').fill('signkey-prod-00000000000000000000000000000000')
  await page.keyboard.press('Enter')
  await dialog(page, 'Sign in').getByText('That did not work. Check the key and try again.').waitFor()
  expect(await page.context().cookies()).toEqual([])
  await page.keyboard.press('Escape')
  await dialog(page, 'Sign in').waitFor()
})

it('shows what was asked for after the right key, keeps it over a reload, and ends with the sign-out', async () => {
  const { page, context } = await visit()
  await page.goto(url('/runs?status=FAILED'))
  await page.getByLabel('Signing key').fill(SIGNING_KEY)
  await page.keyboard.press('Enter')
  await dialog(page, 'Sign in').waitFor({ state: 'detached' })
  await shows(page, /run/i)
  expect(new URL(page.url()).search).toBe('?status=FAILED')
  const [cookie] = await context.cookies()
  expect(cookie).toMatchObject({ name: 'pawl_session', httpOnly: true, sameSite: 'Strict' })
  await page.reload()
  await page.getByRole('button', { name: /^Live\./ }).waitFor()
  expect(await dialog(page, 'Sign in').count()).toBe(0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await dialog(page, 'Sign in').waitFor()
  expect(await context.cookies()).toEqual([])
})

it('asks again when the sign-in has ended under an open page, and keeps what was shown', async () => {
  const { page, context } = await visit()
  await page.goto(url('/events'))
  await page.getByLabel('Signing key').fill(SIGNING_KEY)
  await page.keyboard.press('Enter')
  await dialog(page, 'Sign in').waitFor({ state: 'detached' })
  await shows(page, /event/i)
  await context.clearCookies()
  // A request of the page's own may have found it out before the click could.
  await page
    .getByRole('link', { name: 'Functions' })
    .click({ timeout: 2_000 })
    .catch(() => {})
  await dialog(page, 'Sign in').waitFor()
  await page.getByLabel('Signing key').fill(SIGNING_KEY)
  await page.keyboard.press('Enter')
  await dialog(page, 'Sign in').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Functions' }).click()
  await shows(page, 'No app has registered functions yet.')
})
