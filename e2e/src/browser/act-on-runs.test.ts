/**
 * What one can do with events and runs, done in the page and judged by what the server says afterwards over its API.
 */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { at, list, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { useBrowser } from './dashboard.ts'
import { useDemo } from './demo.ts'
import { SHOP } from './demo-functions.ts'
import { choose, dialog, shows, toast, writeJson } from './look.ts'

const demo = useDemo()
const visit = useBrowser()

async function open(path: string): Promise<Page> {
  const { page } = await visit()
  await page.goto(demo.url(path))
  return page
}

/** Starts a run and gives its ID once it stands still. */
async function begin(event: string, data: object, fn: string, code: string): Promise<string> {
  const runId = await demo.start(event, data, fn)
  await demo.api.rests(runId, code)
  return runId
}

/** The newest rerun of a run. */
function rerunOf(runId: string): Promise<string> {
  return until(`a rerun of ${runId}`, async () => {
    const [newest] = list(at(await demo.api.ask(`/v2/runs?originalRunId=${runId}`), 'data') ?? [])
    return newest === undefined ? undefined : text(at(newest, 'id'))
  })
}

/** Data of the event that started a run. */
async function dataOf(runId: string): Promise<unknown> {
  const input = at(await demo.api.ask(`/v2/runs/${runId}/payload?part=input`), 'data', 'text')
  return at(list(JSON.parse(text(input)))[0], 'data')
}

async function newestEvent(name: string): Promise<{ id: string; data: unknown }> {
  const [event] = await demo.api.events(`limit=1&name=${encodeURIComponent(name)}`)
  return { id: text(event?.internal_id), data: event?.data }
}

describe('an event', () => {
  it('is sent from anywhere with the key E, and shows the runs that it starts', async () => {
    const page = await open('/runs')
    await shows(page, 'order-placed')
    await page.keyboard.press('e')
    const window = dialog(page, 'Send event')
    await window.getByRole('combobox', { name: 'Name' }).fill(`${SHOP}/order.placed`)
    await writeJson(page, 'Data', '{"orderId":"B-1","customer":"Jonas","total":75}')
    await page.keyboard.press('Control+Enter')
    await window.getByRole('region', { name: 'Sent', exact: true }).getByText('order-placed').waitFor()
    const sent = await newestEvent(`${SHOP}/order.placed`)
    expect(sent.data).toEqual({ orderId: 'B-1', customer: 'Jonas', total: 75 })
    expect(await demo.api.runsOf(sent.id)).toHaveLength(2)
  })

  it('is sent again as it was', async () => {
    const page = await open(`/events/${demo.runs.event}`)
    await page.getByRole('button', { name: 'Send again' }).click()
    await toast(page, 'Event sent again')
    const sent = await newestEvent(`${SHOP}/order.placed`)
    expect(sent.id).not.toBe(demo.runs.event)
    expect(at(sent.data, 'orderId')).toBe('A-2001')
    expect(await demo.api.runsOf(sent.id)).toHaveLength(2)
  })

  it('is edited and sent', async () => {
    const page = await open(`/events/${demo.runs.event}`)
    await page.getByRole('button', { name: 'Edit and send' }).click()
    const window = dialog(page, 'Send event')
    await window.getByText('A-2001').waitFor()
    await writeJson(page, 'Data', '{"orderId":"B-2","total":10}')
    await window.getByRole('button', { name: 'Send event' }).click()
    await window.getByRole('region', { name: 'Sent', exact: true }).getByText('order-placed').waitFor()
    const sent = await newestEvent(`${SHOP}/order.placed`)
    expect(sent.data).toEqual({ orderId: 'B-2', total: 10 })
    expect(await demo.api.runsOf(sent.id)).toHaveLength(1)
  })

  it('is not sent when its data is no object', async () => {
    const page = await open('/events')
    await page.getByRole('button', { name: 'Send event' }).click()
    const window = dialog(page, 'Send event')
    await window.getByRole('combobox', { name: 'Name' }).fill(`${SHOP}/never.sent`)
    await writeJson(page, 'Data', '[1]')
    await page.keyboard.press('Control+Enter')
    await expect
      .poll(() => window.getByRole('button', { name: 'Send event' }).getAttribute('aria-disabled'))
      .toBe('true')
    expect(await demo.api.events(`name=${encodeURIComponent(`${SHOP}/never.sent`)}`)).toEqual([])
  })
})

describe('a run', () => {
  it('is run again', async () => {
    const page = await open(`/runs/${demo.runs.completed}`)
    await page.getByRole('button', { name: 'Rerun', exact: true }).click()
    await toast(page, 'A rerun was started.')
    const rerun = await rerunOf(demo.runs.completed)
    expect((await demo.api.ended(rerun)).status).toBe('Completed')
    await page.getByRole('link', { name: 'Open the rerun' }).click()
    await page.waitForURL(`**/runs/${rerun}`)
  })

  it('is run again with another payload', async () => {
    const page = await open(`/runs/${demo.runs.failed}`)
    await choose(page, 'Other ways to rerun', /Rerun with edited payload/)
    await writeJson(page, 'Data of the event', '{"orderId":"A-2002","customer":"Ines","card":"ok","total":20}')
    await dialog(page, 'Rerun with edited payload').getByRole('button', { name: 'Rerun', exact: true }).click()
    await toast(page, 'A rerun was started.')
    const rerun = await rerunOf(demo.runs.failed)
    expect((await demo.api.ended(rerun)).status).toBe('Completed')
    expect(await dataOf(rerun)).toEqual({ orderId: 'A-2002', customer: 'Ines', card: 'ok', total: 20 })
    expect(await dataOf(demo.runs.failed)).toMatchObject({ card: 'declined' })
  })

  it('is run again from a step, with other arguments for it', async () => {
    const runId = await demo.start('discount.asked', { price: 40 }, 'discount')
    await demo.api.reached(runId, 'Completed')
    const page = await open(`/runs/${runId}`)
    await page.getByRole('row', { name: /^apply,/ }).click()
    await page.getByRole('button', { name: 'Rerun from here…' }).click()
    const window = dialog(page, 'Rerun from “apply”')
    await window.getByText('40').waitFor()
    await writeJson(page, 'Arguments of the step, a list', '[{"price":100}]')
    await window.getByRole('button', { name: 'Rerun from here' }).click()
    await toast(page, 'A rerun was started.')
    const rerun = await demo.api.ended(await rerunOf(runId))
    expect(rerun.output).toEqual({ seen: 'once', price: 90 })
  })

  it('is cancelled', async () => {
    const runId = await begin('subscription.started', { plan: 'monthly' }, 'renew-subscription', 'sleeping')
    const page = await open(`/runs/${runId}`)
    await page.getByRole('button', { name: 'Cancel run' }).first().click()
    await dialog(page, 'Cancel this run?').getByRole('button', { name: 'Cancel run' }).click()
    await toast(page, 'The run was cancelled.')
    expect((await demo.api.run(runId)).status).toBe('Cancelled')
    await shows(page, 'Cancelled')
  })

  it('that waits for an event goes on with a payload', async () => {
    const runId = await begin('refund.asked', { orderId: 'B-3' }, 'approve-refund', 'waiting_for_event')
    const page = await open(`/runs/${runId}`)
    await page.getByRole('row', { name: /^decision,/ }).click()
    await page.getByRole('button', { name: 'Resume with payload…' }).click()
    await writeJson(page, 'Data', '{"orderId":"B-3","granted":true}')
    await dialog(page, 'Resume “decision”').getByRole('button', { name: 'Resume', exact: true }).click()
    await toast(page, 'The step was resumed.')
    const run = await demo.api.reached(runId, 'Completed')
    expect(run.output).toEqual({ orderId: 'B-3', decision: { orderId: 'B-3', granted: true } })
  })

  it('that waits for a signal goes on with a payload', async () => {
    const runId = await begin('pickup.ready', { orderId: 'B-4' }, 'await-pickup', 'waiting_for_signal')
    const page = await open(`/runs/${runId}`)
    await page.getByRole('row', { name: /^picked up,/ }).click()
    await page.getByRole('button', { name: 'Resume with payload…' }).click()
    await writeJson(page, 'Data', '{"by":"Kofi"}')
    await dialog(page, 'Resume “picked up”').getByRole('button', { name: 'Resume', exact: true }).click()
    await toast(page, 'The step was resumed.')
    expect((await demo.api.reached(runId, 'Completed')).output).toEqual({ picked: { by: 'Kofi' } })
  })

  it('that sleeps is woken', async () => {
    const runId = await begin('subscription.started', { plan: 'weekly' }, 'renew-subscription', 'sleeping')
    const page = await open(`/runs/${runId}`)
    await page.getByRole('row', { name: /^until it ends,/ }).click()
    await page.getByRole('button', { name: 'Wake up now…' }).click()
    await dialog(page, 'Resume “until it ends”').getByRole('button', { name: 'Wake up now' }).click()
    expect((await demo.api.reached(runId, 'Completed')).output).toBe('renewed')
  })
})
