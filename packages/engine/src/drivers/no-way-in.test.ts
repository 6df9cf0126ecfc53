// One table of everything that could lead a request of the server into a private network, against listeners that count who
// connects. What is refused is refused before a packet is sent.
import type { LookupAddress } from 'node:dns'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayResult } from './driver.ts'
import { createHttpGateway } from './http-gateway.ts'
import { type OutboundPolicy, type Resolve, readAllowed } from './outbound-policy.ts'

const PRODUCTION: OutboundPolicy = { allowPrivate: false }
const DEVELOPMENT: OutboundPolicy = { allowPrivate: true }

let port = 0
let connections = 0
const servers: Server[] = []
const sockets = new Set<Socket>()
/** What the HTTP server behind the port answers, where somebody comes through. */
let answer: RequestListener = (_request, response) => void response.end('reached')

/** Every address of this machine, both families. */
beforeAll(async () => {
  port = await listening('0.0.0.0', 0)
  await listening('::1', port)
})

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
})

beforeEach(() => {
  connections = 0
  answer = (_request, response) => void response.end('reached')
})

async function listening(host: string, at: number): Promise<number> {
  const http = createHttp((request, response) => answer(request, response))
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    http.emit('connection', socket)
  })
  servers.push(server)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host, port: at }, resolve))
  return (server.address() as AddressInfo).port
}

async function get(url: string, how: { policy?: OutboundPolicy; resolve?: Resolve } = {}): Promise<GatewayResult> {
  const gateway = createHttpGateway(how.policy ?? PRODUCTION, how.resolve)
  try {
    return await gateway.fetch({ url, method: 'GET', headers: {}, body: null, timeoutMs: 2_000 })
  } finally {
    await gateway.close?.()
  }
}

function names(...answers: readonly (readonly string[])[]): Resolve & { asked: () => number } {
  let asked = 0
  const resolve: Resolve = (_host, _options, callback) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? []
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return Object.assign(resolve, { asked: () => asked })
}

/** 127.0.0.1, in every spelling that a URL takes. */
const LOOPBACK = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '127.0.0.2', '2130706433', '017700000001', '0x7f000001'],
  ...['0177.0.0.1', '0x7f.0.0.1', '0x7f.1', '0177.1', '0x7f.0x0.0x0.0x1', '0177.0.0.01', '00000177.0.0.1', '0x7F.0.1'],
  ...['127.0.0.1.', '127.1.', '①②⑦.⓪.⓪.①', '１２７.０.０.１', '127。0。0。1', '%31%32%37.0.0.1', '127%2e0%2e0%2e1'],
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::0.0.0.1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ...['[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[::7f00:1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[2002:7f00:1::]', '[2002:7f00:0001::1]', '[64:ff9b:1::7f00:1]', '[::FFFF:7F00:0001]'],
  ...['127.0', '0x7f.0', '017700000001.', '0x7f000001.', '[::1%25lo]', '[2002:7f00:1:0:0:0:0:1]'],
]
const UNSPECIFIED = ['0.0.0.0', '0', '0x0', '00', '0.0', '[::]', '[0::0]', '[::ffff:0.0.0.0]', '[64:ff9b::]']
const PRIVATE = [
  ...[
    '10.0.0.1',
    '10.255.255.255',
    '10.1',
    '0xa000001',
    '012.0.0.1',
    '167772161',
    '[::ffff:10.0.0.1]',
    '[::ffff:a00:1]',
  ],
  ...[
    '172.16.0.1',
    '172.31.255.255',
    '172.16.1',
    '0xac.16.0.1',
    '2886729729',
    '192.168.0.1',
    '192.168.1',
    '0xc0a80001',
  ],
  ...['0300.0250.0.1', '3232235521', '[::192.168.0.1]', '[64:ff9b::c0a8:1]', '[2002:c0a8:1::1]', '[2002:a00:1::]'],
  ...['100.64.0.1', '100.127.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.19.255.255'],
  ...[
    '198.51.100.1',
    '203.0.113.1',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fec0::1]',
    '[2001::1]',
    '[2001:db8::1]',
    '[100::1]',
  ],
]
const NEVER = [
  ...[
    '169.254.169.254',
    '169.254.0.1',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.16689662',
  ],
  ...['[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[64:ff9b::a9fe:a9fe]', '[2002:a9fe:a9fe::]', '[::a9fe:a9fe]'],
  ...['100.100.100.200', '0x646464c8', '1684301000', '[fd00:ec2::254]', '[fe80::1]', '[febf::1]', '[ff02::1]'],
  ...[
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '0xffffffff',
    '4294967295',
    '[::ffff:255.255.255.255]',
  ],
  ...['[ff00::1]', '[64:ff9b::100.100.100.200]', '[2002:6464:64c8::1]', '[fd00:0ec2:0:0:0:0:0:254]'],
  ...['metadata.google.internal', 'METADATA.google.internal.', 'metadata。google。internal'],
]
const EVERY = [...LOOPBACK, ...UNSPECIFIED, ...PRIVATE, ...NEVER]

describe('a request to an address of a private network', () => {
  it('is written in over 120 ways here', () => {
    expect(new Set(EVERY).size).toBeGreaterThanOrEqual(120)
    expect(new Set(EVERY).size).toBe(EVERY.length)
  })

  it.each(EVERY)('%s is refused in production, and nobody is connected to', async (host) => {
    expect(await get(`http://${host}:${port}/`)).toMatchObject({ kind: 'lost', reason: 'blocked' })
    expect(connections).toBe(0)
  })

  it.each([...NEVER, ...UNSPECIFIED])('%s is refused in development too', async (host) => {
    expect(await get(`http://${host}:${port}/`, { policy: DEVELOPMENT })).toMatchObject({ reason: 'blocked' })
    expect(connections).toBe(0)
  })

  it('is made in development, where the listener is met', async () => {
    expect(await get(`http://0x7f.1:${port}/`, { policy: DEVELOPMENT })).toMatchObject({ body: 'reached' })
    expect(connections).toBe(1)
  })
})

describe('a name', () => {
  it.each(EVERY.filter((host) => host.startsWith('[')).map((host) => host.slice(1, -1)))(
    'that is at %s is refused',
    async (address) => {
      expect(await get(`http://name.test:${port}/`, { resolve: names([address]) })).toMatchObject({ reason: 'blocked' })
      expect(connections).toBe(0)
    },
  )

  it('that has one private address among others is refused', async () => {
    const resolve = names(['1.1.1.1', '127.0.0.1'])
    expect(await get(`http://name.test:${port}/`, { resolve })).toMatchObject({ reason: 'blocked' })
    expect(connections).toBe(0)
  })

  it('that points elsewhere after the check is still at the address that was checked', async () => {
    // Nothing answers there: what matters is that the second answer is never asked for.
    const resolve = names(['192.0.2.1'], ['127.0.0.1'])
    const allowed = readAllowed(['192.0.2.0/24'], [])
    if ('unreadable' in allowed) throw new Error(allowed.unreadable)
    const result = await get(`http://name.test:${port}/`, { policy: { allowPrivate: false, allowed }, resolve })
    expect(result.kind).toBe('lost')
    expect(resolve.asked()).toBe(1)
    expect(connections).toBe(0)
  })

  it('that points elsewhere at the next request is checked again, unless its connection is still open', async () => {
    const resolve = names(['127.0.0.1'], ['127.0.0.1', '10.0.0.1'], ['169.254.169.254'])
    const gateway = createHttpGateway(DEVELOPMENT, resolve)
    const ask = async () => {
      const request = { url: `http://name.test:${port}/`, method: 'GET', headers: {}, body: null, timeoutMs: 2_000 }
      const result = await gateway.fetch(request)
      // The connection is free again a little after the answer.
      await new Promise((resolve) => setImmediate(resolve))
      return result
    }
    expect(await ask()).toMatchObject({ body: 'reached' })
    // The same connection, to the address that was checked.
    expect(await ask()).toMatchObject({ body: 'reached' })
    expect([connections, resolve.asked()]).toEqual([1, 1])
    answer = (_request, response) => void response.setHeader('connection', 'close').end('last')
    expect(await ask()).toMatchObject({ body: 'last' })
    expect(await ask()).toMatchObject({ body: 'last' })
    expect(await ask()).toMatchObject({ reason: 'blocked' })
    expect([connections, resolve.asked()]).toEqual([2, 3])
    await gateway.close?.()
  })
})

describe('a redirect', () => {
  const targets = [
    'http://169.254.169.254/',
    'http://metadata.google.internal/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://0/',
  ]

  it.each(targets)('to %s is not followed', async (target) => {
    answer = (_request, response) => void response.writeHead(302, { location: target }).end()
    expect(await get(`http://127.0.0.1:${port}/`, { policy: DEVELOPMENT })).toMatchObject({ reason: 'blocked' })
    expect(connections).toBe(1)
  })

  it('to a name that is at a private address is checked like any other', async () => {
    answer = (_request, response) => void response.writeHead(302, { location: `http://other.test:${port}/` }).end()
    const resolve: Resolve = (host, _options, callback) =>
      callback(null, [{ address: host === 'other.test' ? '10.0.0.1' : '127.0.0.1', family: 4 }])
    const allowed = readAllowed(['127.0.0.1'], [])
    if ('unreadable' in allowed) throw new Error(allowed.unreadable)
    const result = await get(`http://name.test:${port}/`, { policy: { allowPrivate: false, allowed }, resolve })
    expect(result).toMatchObject({ reason: 'blocked' })
    expect(connections).toBe(1)
  })

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'gopher://127.0.0.1:6379/', 'http://user:word@127.0.0.1/'])(
    'to %s is not followed',
    async (target) => {
      answer = (_request, response) => void response.writeHead(302, { location: target }).end()
      const result = await get(`http://127.0.0.1:${port}/`, { policy: DEVELOPMENT })
      expect(result).toMatchObject({ kind: 'lost' })
      expect(connections).toBe(1)
    },
  )

  it('is followed three times, with no header of the request at another origin, and never by POST', async () => {
    const seen: (readonly [string | undefined, string | undefined, string | undefined])[] = []
    answer = (request, response) => {
      seen.push([request.method, request.url, request.headers.authorization])
      const hop = Number(request.url?.slice(1))
      const host = hop % 2 === 0 ? 'localhost' : '127.0.0.1'
      response.writeHead(302, { location: `http://${host}:${port}/${hop + 1}` }).end()
    }
    const gateway = createHttpGateway(DEVELOPMENT, names(['127.0.0.1']))
    const request = { url: `http://127.0.0.1:${port}/0`, headers: { authorization: 'Bearer x' }, body: null }
    expect(await gateway.fetch({ ...request, method: 'GET' })).toMatchObject({ reason: 'redirect_refused' })
    expect(seen.map(([, url]) => url)).toEqual(['/0', '/1', '/2', '/3'])
    expect(seen.map(([, , authorization]) => authorization)).toEqual(['Bearer x', undefined, undefined, undefined])
    expect(await gateway.fetch({ ...request, method: 'POST' })).toMatchObject({ kind: 'answer', status: 302 })
    expect(seen).toHaveLength(5)
    await gateway.close?.()
  })
})

describe('what an operator allows', () => {
  function allowing(nets: readonly string[], hosts: readonly string[] = []): OutboundPolicy {
    const allowed = readAllowed(nets, hosts)
    if ('unreadable' in allowed) throw new Error(allowed.unreadable)
    return { allowPrivate: false, allowed }
  }

  it.each([['127.0.0.0/8'], ['127.0.0.1'], ['127.0.0.1/32'], ['0.0.0.0/0']])(
    '%s is called, in each of its spellings',
    async (net) => {
      for (const host of ['127.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]'])
        expect(await get(`http://${host}:${port}/`, { policy: allowing([net]) })).toMatchObject({ body: 'reached' })
    },
  )

  it('does not reach further than it says', async () => {
    for (const net of ['10.0.0.0/8', '127.0.0.2', '::1', '127.0.0.2/31', 'fc00::/7'])
      expect(await get(`http://127.0.0.1:${port}/`, { policy: allowing([net]) })).toMatchObject({ reason: 'blocked' })
    expect(connections).toBe(0)
  })

  it('takes a metadata service only where it is named alone', async () => {
    for (const net of ['169.254.0.0/16', '0.0.0.0/0', '169.254.169.254/31'])
      expect(await get('http://169.254.169.254:1/', { policy: allowing([net]) })).toMatchObject({ reason: 'blocked' })
    const named = allowing(['169.254.169.254'], ['metadata.google.internal'])
    const unreachable = await get(`http://169.254.169.254:${port}/`, { policy: named })
    expect(unreachable).not.toMatchObject({ reason: 'blocked' })
    const resolve = names(['169.254.169.254'])
    const byName = await get(`http://metadata.google.internal:${port}/`, { policy: named, resolve })
    expect(byName).not.toMatchObject({ reason: 'blocked' })
    const nameAlone = allowing([], ['metadata.google.internal'])
    const byNameAlone = await get('http://metadata.google.internal/', { policy: nameAlone, resolve })
    expect(byNameAlone).toMatchObject({ reason: 'blocked' })
  }, 20_000)

  it('takes a name at a private address, and no other name there', async () => {
    const policy = allowing([], ['Api.Internal'])
    const resolve = names(['127.0.0.1'])
    for (const name of ['api.internal', 'API.internal', 'api.internal.'])
      expect(await get(`http://${name}:${port}/`, { policy, resolve })).toMatchObject({ body: 'reached' })
    connections = 0
    for (const name of ['other.internal', 'x.api.internal', 'api.internal.test', '127.0.0.1'])
      expect(await get(`http://${name}:${port}/`, { policy, resolve })).toMatchObject({ reason: 'blocked' })
    expect(await get('http://api.internal/', { policy, resolve: names(['169.254.169.254']) })).toMatchObject({
      reason: 'blocked',
    })
    expect(connections).toBe(0)
  })

  it.each([
    ['10.0.0.0/33', []],
    ['10.0.0/8', []],
    ['::1/129', []],
    ['10.0.0.0/8/8', []],
    ['10.0.0.0/', []],
    ['name.test', []],
    [null, ['10.0.0.1']],
    [null, ['a b']],
    [null, ['http://a']],
    [null, ['*.internal']],
  ])('is refused where it cannot be read: %s %s', (net, hosts) => {
    expect(readAllowed(net === null ? [] : [net], hosts)).toEqual({ unreadable: net ?? hosts[0] })
  })
})
