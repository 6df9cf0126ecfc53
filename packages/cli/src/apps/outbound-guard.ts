// Addresses that a sync never goes to, whatever a URL or a name says: link-local and the metadata services of clouds,
// which hand out credentials to whoever asks from inside. Loopback and private addresses are where apps live in development.
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'

const refused = new BlockList()
refused.addSubnet('169.254.0.0', 16, 'ipv4')
refused.addAddress('100.100.100.200', 'ipv4')
refused.addSubnet('fe80::', 10, 'ipv6')
refused.addAddress('fd00:ec2::254', 'ipv6')

/** An address that must not be called. */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress'
}

/** Whether an address, in any of its spellings, is refused. IPv4 inside IPv6 counts as IPv4. */
export function isRefusedAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && refused.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** @throws BlockedAddress when the URL names a refused address itself. */
export function checkHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host === 'metadata.google.internal' || isRefusedAddress(host))
    throw new BlockedAddress(`${url.hostname} is not called: it is a link-local or metadata address`)
}

type Done = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/** `dns.lookup` that fails when any answer is refused. The connection goes to the addresses checked here. */
export function guardedLookup(name: string, options: LookupOptions, done: Done): void {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, [])
    const bad = addresses.find(({ address }) => isRefusedAddress(address))
    const [first] = addresses
    if (bad !== undefined || first === undefined)
      return done(new BlockedAddress(`${name} stands for ${bad?.address ?? 'nothing'}, which is not called`), [])
    return options.all === true ? done(null, addresses) : done(null, first.address, first.family)
  })
}
