/**
 * The functions of the shop whose server the browser tests look at: some end well, some fail, retry, sleep, wait for an
 * event, a signal, a slot or the clock. A body that is held goes on when the test says so, so that nothing depends on how
 * fast a machine is.
 */
import type { Kit } from '../harness/sdk.ts'

/** The names of the apps. */
export const SHOP = 'shop'
export const MAIL = 'mail'

/** Bodies that are at work until they are let go. */
export class Gate {
  readonly #held: (() => void)[] = []

  /** Held until `open`. */
  hold(): Promise<void> {
    return new Promise((resolve) => this.#held.push(resolve))
  }

  /** Lets all go that are held now. */
  open(): void {
    for (const release of this.#held.splice(0)) release()
  }
}

/** What sells, is paid and is sent. */
export function defineShop(kit: Kit, gate: Gate): void {
  defineOrders(kit)
  defineLong(kit, gate)
  defineWaiting(kit)
  definePrices(kit)
  defineLarge(kit)
  kit.define({
    id: 'refresh-prices',
    triggers: [{ cron: '*/30 * * * *' }],
    run: ({ step }) => step.run('fetch prices', () => ({ changed: 12 })),
  })
  kit.define({
    id: 'nightly-report',
    triggers: [{ cron: 'TZ=Europe/Vienna 0 3 * * *' }],
    run: async ({ step }) => {
      const rows = await step.run('collect', () => 1_840)
      return step.run('render', () => ({ pages: Math.ceil(rows / 60) }))
    },
  })
}

function defineOrders(kit: Kit): void {
  const ship = kit.define({
    id: 'ship-parcel',
    triggers: [{ event: kit.event('parcel.packed') }],
    run: ({ step, event }) =>
      step.run('book courier', () => ({ parcel: event.data.orderId ?? null, courier: 'Heron' })),
  })
  kit.define({
    id: 'order-placed',
    triggers: [{ event: kit.event('order.placed') }],
    retries: 2,
    run: async ({ step, event }) => {
      await step.run('check stock', () => ({ inStock: true }))
      await step.run('charge card', () => {
        if (event.data.card === 'declined') throw declined(kit, String(event.data.customer))
        return { charged: event.data.total ?? 0 }
      })
      const [packed] = await Promise.all([
        step.run('pack', () => ({ boxes: 1 })),
        step.run('print label', () => 'label-17'),
      ])
      const shipped = await step.invoke('ship', { function: ship, data: { orderId: String(event.data.orderId) } })
      return { packed, shipped }
    },
  })
  kit.define({
    id: 'send-receipt',
    triggers: [{ event: kit.event('order.placed'), if: 'event.data.total > 50' }],
    retries: 1,
    run: ({ step, event, attempt }) =>
      step.run('render receipt', () => {
        if (event.data.flaky === true && attempt === 0) throw new Error('The renderer answered 503')
        return { receipt: `receipt-${event.data.orderId}.pdf` }
      }),
  })
}

/** With a stack as an app in production has one, so that pictures are the same on every machine. */
function declined(kit: Kit, customer: string): Error {
  const error = kit.nonRetriable(`The card of ${customer} was declined`)
  error.stack = [
    `NonRetriableError: ${error.message}`,
    '    at chargeCard (/app/src/orders/charge-card.ts:41:13)',
    '    at placeOrder (/app/src/orders/place-order.ts:18:22)',
    '    at runStep (/app/node_modules/inngest/components/execution/engine.js:212:9)',
  ].join('\n')
  return error
}

function defineLong(kit: Kit, gate: Gate): void {
  kit.define({
    id: 'import-catalog',
    triggers: [{ event: kit.event('catalog.uploaded') }],
    run: async ({ step, event }) => {
      const files = Number(event.data.files ?? 3)
      for (let file = 1; file <= files; file++) await step.run(`read file ${file}`, () => ({ rows: file * 120 }))
      await step.run('describe with a model', () => gate.hold())
      return { files }
    },
  })
  kit.define({
    id: 'sync-tenant',
    triggers: [{ event: kit.event('tenant.changed') }],
    concurrency: { limit: 1, key: 'event.data.tenant' },
    run: ({ step, event }) =>
      step.run('pull', async () => {
        if (event.data.hold === true) await gate.hold()
        return { tenant: event.data.tenant ?? null }
      }),
  })
}

function definePrices(kit: Kit): void {
  kit.define({
    id: 'discount',
    triggers: [{ event: kit.event('discount.asked') }],
    run: async ({ step, event }) => {
      const seen = await step.run('look up', () => 'once')
      const price = await step.run('apply', (of: { price: number }) => of.price * 0.9, {
        price: Number(event.data.price),
      })
      return { seen, price }
    },
  })
}

/** Ends with as many bytes as one asks for. */
function defineLarge(kit: Kit): void {
  kit.define({
    id: 'export-orders',
    triggers: [{ event: kit.event('export.asked') }],
    run: ({ event }) => ({ rows: 'order '.repeat(Number(event.data.bytes) / 6) }),
  })
}

function defineWaiting(kit: Kit): void {
  kit.define({
    id: 'renew-subscription',
    triggers: [{ event: kit.event('subscription.started') }],
    run: async ({ step }) => {
      await step.sleep('until it ends', '30d')
      return step.run('renew', () => 'renewed')
    },
  })
  kit.define({
    id: 'approve-refund',
    triggers: [{ event: kit.event('refund.asked') }],
    run: async ({ step, event }) => {
      const decision = await step.waitForEvent('decision', {
        event: kit.event('refund.decided'),
        timeout: '7d',
        match: 'data.orderId',
      })
      return step.run('pay back', () => ({ orderId: event.data.orderId ?? null, decision: decision?.data ?? null }))
    },
  })
  kit.define({
    id: 'await-pickup',
    triggers: [{ event: kit.event('pickup.ready') }],
    run: async ({ step, event }) => {
      const picked = await step.waitForSignal('picked up', {
        signal: `pickup-${event.data.orderId}`,
        timeout: '3d',
        onConflict: 'fail',
      })
      return { picked: picked?.data ?? null }
    },
  })
}

/** What is written to customers. */
export function defineMail(kit: Kit): void {
  kit.define({
    id: 'welcome',
    triggers: [{ event: kit.event('customer.joined') }],
    retries: 0,
    run: async ({ step, event }) => {
      const text = await step.run('write', () => `Hello ${event.data.name}`)
      return step.run('send', () => {
        if (event.data.bounces === true) throw new Error(`Mailbox of ${event.data.name} is full`)
        return { sent: text.length }
      })
    },
  })
  kit.define({
    id: 'weekly-digest',
    triggers: [{ cron: 'TZ=Europe/Vienna 0 8 * * 1' }],
    run: ({ step }) => step.run('send to all', () => 312),
  })
}
