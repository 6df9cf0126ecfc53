import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reachApp } from './reach-app.ts'

const options = { timeoutMs: 2_000, inContainer: false }
/** Speaks neither HTTP nor TLS. */
const server = createServer((socket) => socket.end('hello\r\n').on('error', () => {}))
let port = 0
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => {
  server.close()
})

async function freePort(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  other.close()
  await once(other, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const names = (way: Awaited<ReturnType<typeof reachApp>>) => way.phases.map(({ name, ok }) => `${name} ${ok}`)

describe('the way to an app', () => {
  test('is a name and a connection over http', async () => {
    const way = await reachApp(new URL(`http://127.0.0.1:${port}/api/inngest`), options)
    expect(way.cause).toBeNull()
    expect(names(way)).toEqual(['resolve true', 'connect true'])
    expect(way.phases[1]).toMatchObject({ detail: `127.0.0.1 port ${port}`, ms: expect.any(Number) })
  })

  test('is tried at each address of a name', async () => {
    const way = await reachApp(new URL(`http://app.test:${port}/`), {
      ...options,
      resolve: (_host, _options, callback) =>
        callback(null, [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ]),
    })
    expect(names(way)).toEqual(['resolve true', 'connect true'])
  })

  test('ends where nobody listens, and says what that means in a container', async () => {
    const nobody = new URL(`http://127.0.0.1:${await freePort()}/`)
    const way = await reachApp(nobody, options)
    expect(names(way)).toEqual(['resolve true', 'connect false'])
    expect(way.cause).toMatchObject({ code: 'connection_refused', hint: expect.stringContaining('Start the app') })
    const inside = await reachApp(nobody, { ...options, inContainer: true })
    expect(inside.cause).toMatchObject({
      code: 'container_localhost',
      message: expect.stringContaining("the server's own container"),
      hint: expect.stringContaining('host.docker.internal'),
    })
  })

  test('ends at a name that nobody knows', async () => {
    const way = await reachApp(new URL('http://nope.test/'), {
      ...options,
      resolve: (_host, _options, callback) =>
        callback(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), []),
    })
    expect(names(way)).toEqual(['resolve false'])
    expect(way.cause?.code).toBe('name_unknown')
  })

  test('never leads to metadata addresses', async () => {
    const way = await reachApp(new URL('http://169.254.169.254/'), options)
    expect(way.cause?.code).toBe('address_refused')
    const named = await reachApp(new URL('http://sly.test/'), {
      ...options,
      resolve: (_host, _options, callback) => callback(null, [{ address: '169.254.169.254', family: 4 }]),
    })
    expect(named.cause?.code).toBe('address_refused')
  })

  test('ends where the port does not speak TLS', async () => {
    const way = await reachApp(new URL(`https://127.0.0.1:${port}/`), options)
    expect(names(way)).toEqual(['resolve true', 'connect true', 'tls false'])
    expect(way.cause).toMatchObject({ code: 'no_tls', hint: expect.stringContaining('http://') })
  })
})
