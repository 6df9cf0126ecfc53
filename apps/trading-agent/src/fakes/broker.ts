// A broker: `POST /orders` takes an order, once for each `Idempotency-Key`; `GET /orders` shows what it holds. A script
// `{"status": 503}` takes it down.
import { serveSite } from './fake-site.ts'

interface Held {
  readonly id: string
  readonly key: string
  readonly order: unknown
}

const orders: Held[] = []

serveSite({
  name: 'The broker',
  reset: () => void orders.splice(0),
  answer({ method, path, headers, body }, script) {
    if (path !== '/orders') return { status: 404, body: { error: 'Not here.' } }
    if (method === 'GET') return { status: 200, body: { orders } }
    const { status = 200 } = (script ?? {}) as { status?: number }
    if (status !== 200) return { status, body: { error: 'Closed for now.' } }
    const key = String(headers['idempotency-key'] ?? '')
    if (key === '') return { status: 400, body: { error: 'An order needs an Idempotency-Key.' } }
    const known = orders.find((held) => held.key === key)
    if (known !== undefined) return { status: 200, body: known }
    const held = { id: `order-${orders.length + 1}`, key, order: body }
    orders.push(held)
    process.stdout.write(`The broker took ${held.id}: ${JSON.stringify(body)}\n`)
    return { status: 201, body: held }
  },
})
