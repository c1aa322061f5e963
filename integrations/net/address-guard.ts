import type { LookupAddress } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** Answers which addresses a name has. Injected, so that tests can play a name server that changes its mind. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>

/** The ports that public calendars and files are served on; a scanner of other ports finds no tool here. */
const PORTS = new Set([80, 443, 8080, 8443])

export interface GuardOptions {
  /** `host:port` of our own choosing that may be fetched whatever their address is. Lower case. */
  allow: ReadonlySet<string>
}

export type AddressProblem = 'scheme' | 'credentials' | 'port' | 'private_address'

/**
 * What is wrong with an address as it is written; undefined: nothing that can be told without resolving its name. WHATWG parsing has
 * turned decimal, octal and hexadecimal forms of IPv4 into the dotted one.
 */
export function addressProblem(url: URL, { allow }: GuardOptions): AddressProblem | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'scheme'
  if (url.username !== '' || url.password !== '') return 'credentials'
  if (isAllowed(url, allow)) return undefined
  if (!PORTS.has(portOf(url))) return 'port'
  const host = hostOf(url)
  if (isIP(host) !== 0) return isPublicAddress(host) ? undefined : 'private_address'
  return isLocalName(host) ? 'private_address' : undefined
}

/** `host:port` as people write it into the list of allowed ones. */
export function isAllowed(url: URL, allow: ReadonlySet<string>): boolean {
  return allow.has(`${url.hostname}:${portOf(url)}`)
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

/** Without the brackets of an IPv6 literal. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

/**
 * Whether an address is one of the public Internet (IANA special-purpose registries, RFC 6890). Of IPv6 only global unicast is, and
 * not the forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo): they would lead back in.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !NOT_PUBLIC.check(address, 'ipv4')
    case 6:
      return !address.includes('%') && GLOBAL_UNICAST.check(address, 'ipv6') && !NOT_PUBLIC.check(address, 'ipv6')
    default:
      return false
  }
}

/** RFC 6761: names that never leave the machine or the site, whatever a resolver says. */
function isLocalName(host: string): boolean {
  return /(?:^|\.)(?:localhost|local|internal|localdomain|home\.arpa)\.?$/.test(host)
}

const GLOBAL_UNICAST = new BlockList()
GLOBAL_UNICAST.addSubnet('2000::', 3, 'ipv6')

const NOT_PUBLIC = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6')
}
