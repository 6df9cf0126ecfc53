import { describe, expect, it } from 'vitest'
import { guardedLookup, isRefused, type Resolve, refusedUrl } from './outbound-policy.ts'

const PRODUCTION = { allowPrivate: false }
const DEVELOPMENT = { allowPrivate: true }

const METADATA = ['169.254.169.254', '169.254.0.1', '100.100.100.200', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0']
const NEVER = [...METADATA, '0.0.0.0', '0.1.2.3', '224.0.0.1', '240.0.0.1', '255.255.255.255', 'ff02::1', '::']
const PRIVATE = [
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '::1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fdff::1',
  'fec0::1',
]
const PUBLIC = [
  '1.1.1.1',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.0.1.1',
  '8.8.8.8',
  '2606:4700::1111',
]

describe('an address', () => {
  it.each(NEVER)('%s is refused whatever the policy', (address) => {
    expect(isRefused(address, PRODUCTION)).toBe(true)
    expect(isRefused(address, DEVELOPMENT)).toBe(true)
  })

  it.each(PRIVATE)('%s is refused unless private networks are allowed', (address) => {
    expect(isRefused(address, PRODUCTION)).toBe(true)
    expect(isRefused(address, DEVELOPMENT)).toBe(false)
  })

  it.each(PUBLIC)('%s is allowed', (address) => {
    expect(isRefused(address, PRODUCTION)).toBe(false)
  })

  it.each([
    ['mapped', '::ffff:10.0.0.1', '::ffff:169.254.169.254'],
    ['mapped, in hex', '::ffff:a00:1', '::ffff:a9fe:a9fe'],
    ['compatible', '::10.0.0.1', '::a9fe:a9fe'],
    ['NAT64', '64:ff9b::10.0.0.1', '64:ff9b::a9fe:a9fe'],
    ['6to4', '2002:a00:1::', '2002:a9fe:a9fe::1'],
    ['written out', '0:0:0:0:0:ffff:10.0.0.1', '0000:0000:0000:0000:0000:ffff:a9fe:a9fe'],
  ])('that carries an IPv4 address (%s) is judged by that one too', (_form, inner, metadata) => {
    expect(isRefused(inner, PRODUCTION)).toBe(true)
    expect(isRefused(inner, DEVELOPMENT)).toBe(false)
    expect(isRefused(metadata, DEVELOPMENT)).toBe(true)
  })

  it.each([
    ['a public one that is mapped', '::ffff:1.1.1.1', false],
    ['a public one behind NAT64, which is a block of its own', '64:ff9b::1.1.1.1', true],
    ['a public one behind 6to4, which is a block of its own', '2002:101:101::', true],
  ])('%s', (_form, address, refused) => {
    expect(isRefused(address, PRODUCTION)).toBe(refused)
  })
})

describe('a URL', () => {
  it.each([
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://0x7f000001/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://10.1/',
  ])('%s is refused, however its address is written', (url) => {
    expect(refusedUrl(new URL(url), PRODUCTION)).toContain('is not called')
    expect(refusedUrl(new URL(url), DEVELOPMENT)).toBeNull()
  })

  it.each([
    'http://2852039166/latest',
    'http://0xa9fea9fe/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'ftp://example.com/',
    'file:///etc/passwd',
    'http://user@example.com/',
    'http://user:pass@example.com/',
    'http://example.com:25/',
    'http://example.com:6667/',
  ])('%s is refused in development too', (url) => {
    expect(refusedUrl(new URL(url), DEVELOPMENT)).not.toBeNull()
  })

  it.each(['http://example.com/', 'https://example.com:8443/a?b=c', 'http://example.com:3000/'])(
    '%s is called',
    (url) => {
      expect(refusedUrl(new URL(url), PRODUCTION)).toBeNull()
    },
  )
})

describe('a look-up', () => {
  /** A name that has these addresses, one list after the other. */
  function resolves(...answers: readonly (readonly string[])[]): { readonly resolve: Resolve; asked: number } {
    const name = {
      asked: 0,
      resolve: ((_host, _options, callback) => {
        const addresses = answers[name.asked++] ?? []
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        )
      }) satisfies Resolve,
    }
    return name
  }

  function look(resolve: Resolve, all: boolean): Promise<unknown> {
    return new Promise((done, fail) =>
      guardedLookup(PRODUCTION, resolve)('name.test', { all }, (error, address) =>
        error === null ? done(address) : fail(error),
      ),
    )
  }

  it('gives the very addresses that it checked, so that a name cannot point elsewhere between check and use', async () => {
    const name = resolves(['1.1.1.1', '2606:4700::1111'], ['127.0.0.1'])
    expect(await look(name.resolve, true)).toEqual([
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ])
    expect(name.asked).toBe(1)
    await expect(look(name.resolve, true)).rejects.toMatchObject({ code: 'BLOCKED_BY_POLICY' })
  })

  it('is refused when one of several addresses is', async () => {
    const { resolve } = resolves(['1.1.1.1', '169.254.169.254'])
    await expect(look(resolve, true)).rejects.toMatchObject({ code: 'BLOCKED_BY_POLICY' })
  })

  it('gives the first address to who wants one', async () => {
    expect(await look(resolves(['1.1.1.1', '8.8.8.8']).resolve, false)).toBe('1.1.1.1')
  })

  it('passes on that there is no such name', async () => {
    const none: Resolve = (_host, _options, callback) => callback(new Error('ENOTFOUND'), [])
    await expect(look(none, true)).rejects.toThrow('ENOTFOUND')
  })
})
