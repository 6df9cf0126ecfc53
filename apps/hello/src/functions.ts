// The sample functions: one line of steps with a short sleep, and one that does two things at once and then waits for
// an event. Each step runs once, however often its function is called again.
import { inngest } from './client.ts'

/** Greets, sleeps for a moment, greets again. Started by `demo/hello`. */
export const hello = inngest.createFunction(
  { id: 'hello', name: 'Say hello', triggers: [{ event: 'demo/hello' }] },
  async ({ event, step }) => {
    const name = String(event.data.name ?? 'world')
    const greeting = await step.run('greet', () => `Hello, ${name}!`)
    await step.sleep('take-a-breath', '2s')
    const letters = await step.run('count-letters', () => name.length)
    return await step.run('say-goodbye', () => {
      console.log(`${greeting} Your name has ${letters} letters. Goodbye!`)
      return { greeting, letters }
    })
  },
)

/** Checks stock and payment side by side, then waits for `demo/order.approved` with the same `data.id`. Started by `demo/order`. */
export const order = inngest.createFunction(
  { id: 'order', name: 'Handle an order', triggers: [{ event: 'demo/order' }] },
  async ({ event, step }) => {
    const [stock, payment] = await Promise.all([
      step.run('check-stock', () => ({ available: true })),
      step.run('check-payment', () => ({ reserved: true })),
    ])
    const approval = await step.waitForEvent('wait-for-approval', {
      event: 'demo/order.approved',
      timeout: '1h',
      match: 'data.id',
    })
    const status = approval === null ? 'expired' : 'shipped'
    return await step.run('close-order', () => {
      console.log(`Order ${event.data.id} is ${status}.`)
      return { id: event.data.id, stock, payment, status }
    })
  },
)
