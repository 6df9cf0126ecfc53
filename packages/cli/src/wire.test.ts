import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { type Wired, wire } from './wire.ts'

/** A server on a free port with an app at the URL; resolves with the first line that is logged about the app. */
async function firstLine(listener: RequestListener, run: (line: string, wired: Wired) => void): Promise<void> {
  const app = createServer(listener).listen(0, '127.0.0.1')
  await once(app, 'listening')
  const address = app.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const flags = { port: '0', 'in-memory': true, 'no-discovery': true, 'sdk-url': `${origin}/api/inngest?key=SECRET` }
  const { config } = await readConfig('dev', flags, { environment: {}, folder: '/', home: '/' })
  const { promise, resolve } = Promise.withResolvers<string>()
  const note = (fields: Readonly<Record<string, unknown>>, message: string) => {
    if ('url' in fields) resolve(`${JSON.stringify(fields)} ${message}`)
  }
  const log = { trace: () => {}, debug: () => {}, info: note, warn: note, error: note }
  const wired = await wire({ config, hosts: ['127.0.0.1'], appPort: null, version: '1.2.3', log })
  try {
    wired.watch()
    run(await promise, wired)
  } finally {
    await wired.close(0)
    app.close()
    app.closeAllConnections()
  }
}

test('on a port that the system picks, an app is told that port and the log tells no credential', async () => {
  await firstLine(
    (_, response) => response.writeHead(401, { 'x-inngest-sdk': 'js:v4.24.0' }).end(),
    (line, wired) => {
      expect(wired.url).toMatch(/^http:\/\/localhost:[1-9]\d*$/)
      expect(line).toContain(`INNGEST_DEV=${wired.url}.`)
      expect(line).not.toContain('SECRET')
    },
  )
})
