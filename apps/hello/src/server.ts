// Serves the functions at /api/inngest, on loopback only. Started by start.ts, or alone:
// `PORT=3000 INNGEST_DEV=http://localhost:8288 node src/server.ts`.
import { createServer } from 'node:http'
import { serve } from 'inngest/node'
import { inngest } from './client.ts'
import { hello, order } from './functions.ts'

const port = Number(process.env.PORT ?? 3000)
const handler = serve({ client: inngest, functions: [hello, order] })

const server = createServer((request, response) => {
  if (request.url?.startsWith('/api/inngest')) void handler(request, response)
  else response.writeHead(404).end()
})
server.listen(port, '127.0.0.1', () =>
  process.stdout.write(`The app serves its functions at http://localhost:${port}/api/inngest\n`),
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0))
    server.closeIdleConnections()
  })
}
