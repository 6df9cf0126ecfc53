// A news site: `GET /headlines`. A script `{"headlines": […]}` changes the day's news, `{"status": 503}` takes it down.
import { serveSite } from './fake-site.ts'

const HEADLINES = [
  { symbol: 'PAWL', title: 'Record growth: Pawl beats every forecast' },
  { symbol: 'COGS', title: 'Cogs recall spreads; lawsuit expected' },
  { symbol: 'BOLT', title: 'Bolt rises on quiet trading' },
]

serveSite({
  name: 'The news site',
  answer({ method, path }, script) {
    if (method !== 'GET' || path !== '/headlines') return { status: 404, body: { error: 'Not here.' } }
    const { status = 200, headlines = HEADLINES } = (script ?? {}) as { status?: number; headlines?: unknown }
    return status === 200 ? { status, body: { headlines } } : { status, body: { error: 'Closed for now.' } }
  },
})
