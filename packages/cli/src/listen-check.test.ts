import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { usableHosts } from './listen-check.ts'

async function occupied(headers: Record<string, string>, run: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((_, response) => response.writeHead(200, headers).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await run(typeof address === 'object' && address !== null ? address.port : 0)
  server.close()
  server.closeAllConnections()
}

test('a free port can be had', async () => {
  expect(await usableHosts({ command: 'dev', hosts: ['127.0.0.1'], port: 0 })).toEqual(['127.0.0.1'])
})

test('every address of the machine is one host where IPv6 is there, and IPv4 alone where it is not', async () => {
  const hosts = await usableHosts({ command: 'start', hosts: ['0.0.0.0', '::'], port: 0 })
  expect([['::'], ['0.0.0.0']]).toContainEqual(hosts)
})

test('a taken port is refused with its holder and the flag to use', async () => {
  await occupied({}, async (port) => {
    const refused = expect(usableHosts({ command: 'dev', hosts: ['127.0.0.1'], port })).rejects
    await refused.toMatchObject({ code: 'port_taken', exitCode: 1 })
    await expect(usableHosts({ command: 'dev', hosts: ['127.0.0.1'], port })).rejects.toThrow(
      `pawl dev --port ${port + 1}`,
    )
    if (process.platform === 'linux')
      await expect(usableHosts({ command: 'dev', hosts: ['127.0.0.1'], port })).rejects.toThrow(
        `process ${process.pid}`,
      )
  })
})

test('another server of the protocol is recognised', async () => {
  await occupied({ 'x-inngest-server-kind': 'dev' }, async (port) => {
    await expect(usableHosts({ command: 'dev', hosts: ['127.0.0.1'], port })).rejects.toThrow('perhaps another Pawl')
  })
})

test('an address that is not of this machine is refused by its name', async () => {
  await expect(usableHosts({ command: 'dev', hosts: ['192.0.2.1'], port: 0 })).rejects.toMatchObject({
    code: 'address_unusable',
    message: expect.stringContaining('192.0.2.1'),
  })
})
