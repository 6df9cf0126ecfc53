// Which addresses the server may call. The check is made on the addresses that are connected to: a name is resolved once,
// every answer is checked, and the connection goes to a checked address, so that a name cannot point elsewhere between
// check and use.
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

export interface OutboundPolicy {
  /** Loopback and private networks may be called (development). Link-local and metadata addresses never. */
  readonly allowPrivate: boolean
  /** What may be called besides, as an operator has listed it. */
  readonly allowed?: AllowedPlaces | undefined
}

/** Made by `readAllowed`. */
export interface AllowedPlaces {
  /** Addresses in these networks may be called, but for those that are never called. */
  readonly networks: BlockList
  /** Addresses that were named one by one: also those that are never called otherwise. */
  readonly addresses: BlockList
  /** Names (lower case) whose addresses may be private ones. */
  readonly hosts: ReadonlySet<string>
}

/**
 * Reads the lists of an operator: networks or single addresses, and names.
 * @returns the first of them that cannot be read, where one cannot
 */
export function readAllowed(
  nets: readonly string[],
  hosts: readonly string[],
): AllowedPlaces | { readonly unreadable: string } {
  const networks = new BlockList()
  const addresses = new BlockList()
  for (const net of nets) {
    const [address = '', prefix] = net.split('/')
    const family = isIP(address)
    const bits = family === 6 ? 128 : 32
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
    if (family === 0 || !(length <= bits) || net.split('/').length > 2) return { unreadable: net }
    const list = length === bits ? addresses : networks
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4')
  }
  const unreadable = hosts.find((host) => !/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(host) || isIP(host) !== 0)
  if (unreadable !== undefined) return { unreadable }
  return { networks, addresses, hosts: new Set(hosts.map((host) => host.toLowerCase())) }
}

/** Refused whatever the policy: link-local networks and the metadata services of clouds. */
const NEVER = blockList([
  '169.254.0.0/16',
  '100.100.100.200/32',
  'fe80::/10',
  'fd00:ec2::254/128',
  '0.0.0.0/8',
  '224.0.0.0/4',
  '240.0.0.0/4',
  'ff00::/8',
  '::/128',
])

/** Refused unless private networks are allowed. */
const PRIVATE = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '::1/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fec0::/10',
])

/** Ports of other protocols, which a request could be made to speak (Fetch standard, "bad port"). */
const BLOCKED_PORTS: ReadonlySet<string> = new Set(
  (
    '0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 ' +
    '135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 ' +
    '995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080'
  ).split(' '),
)

const METADATA_HOSTS: ReadonlySet<string> = new Set(['metadata.google.internal'])

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/')
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Why the URL may not be called at all, or null. Names are checked again when they are resolved. */
export function refusedUrl(url: URL, policy: OutboundPolicy): string | null {
  const refused = refusedForm(url)
  if (refused !== null) return refused
  const host = plainHost(url.hostname)
  if (METADATA_HOSTS.has(host) && policy.allowed?.hosts.has(host) !== true) return `${host} is never called`
  return isIP(host) !== 0 && isRefused(host, policy) ? `the address ${host} is not called` : null
}

/** What no policy can allow: other schemes, user names, ports of other protocols. */
export function refusedForm(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `only http and https are called, not ${url.protocol}`
  if (url.username !== '' || url.password !== '') return 'a URL with a user name or password is not called'
  return BLOCKED_PORTS.has(url.port) ? `the port ${url.port} is not called` : null
}

/** Without the brackets of an IPv6 address and the dot of a full name. */
function plainHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

/**
 * Whether an address is refused; of forms that carry an IPv4 address that one must be allowed too. A mapped form is nothing
 * but another spelling of it.
 */
export function isRefused(addressWithZone: string, policy: OutboundPolicy): boolean {
  const address = addressWithZone.split('%')[0] ?? ''
  const inner = embeddedIpv4(address)
  if (inner !== null && isRefused(inner.address, policy)) return true
  if (inner?.isSpelling === true) return false
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  if (policy.allowed?.addresses.check(address, family) === true) return false
  if (NEVER.check(address, family)) return true
  if (policy.allowPrivate || policy.allowed?.networks.check(address, family) === true) return false
  return PRIVATE.check(address, family)
}

/** The policy for the addresses of a name: one that an operator has named may stand in a private network. */
function policyFor(hostname: string, policy: OutboundPolicy): OutboundPolicy {
  return policy.allowed?.hosts.has(plainHost(hostname)) === true ? { ...policy, allowPrivate: true } : policy
}

interface Embedded {
  readonly address: string
  /** Mapped or compatible: the outer address is no other place than the inner one. */
  readonly isSpelling: boolean
}

/** The IPv4 address inside a mapped, compatible, NAT64 or 6to4 form, or null. */
function embeddedIpv4(address: string): Embedded | null {
  if (!address.includes(':')) return null
  const groups = expand(address)
  if (groups === null) return null
  const [a = 0, b = 0, c = 0] = groups
  if (a === 0x2002) return { address: dotted(b, c), isSpelling: false }
  const head = groups.slice(0, 6)
  const isMapped = head.slice(0, 5).every((group) => group === 0) && (head[5] === 0xffff || head[5] === 0)
  const isNat64 = a === 0x64 && b === 0xff9b && head.slice(2).every((group) => group === 0)
  const [high = 0, low = 0] = groups.slice(6)
  // `::` and `::1` are addresses of their own.
  if (isMapped && head[5] === 0 && high === 0 && low <= 1) return null
  return isMapped || isNat64 ? { address: dotted(high, low), isSpelling: isMapped } : null
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

/** The eight groups of an IPv6 address. */
function expand(address: string): number[] | null {
  const [left = '', right] = address.split('::')
  const head = groupsOf(left)
  const tail = right === undefined ? [] : groupsOf(right)
  if (right === undefined) return head.length === 8 ? head : null
  return [...head, ...Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail]
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

/** How a name becomes all of its addresses. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A look-up for sockets that gives checked addresses only. */
export function guardedLookup(outbound: OutboundPolicy, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    const policy = policyFor(hostname, outbound)
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      const refused = addresses.find(({ address }) => isRefused(address, policy))
      if (refused !== undefined) return callback(new BlockedAddressError(hostname, refused.address), '', 0)
      if (options.all === true) return callback(null, addresses)
      const first = addresses[0]
      callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}

export class BlockedAddressError extends Error {
  readonly code = 'BLOCKED_BY_POLICY'

  constructor(host: string, address: string) {
    super(`${host} is at ${address}, which is not called`)
  }
}
