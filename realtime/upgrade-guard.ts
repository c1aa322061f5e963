import type { IncomingMessage } from 'node:http'
import { TokenBucket } from './token-bucket.ts'

export interface UpgradeGuardOptions {
  /** Origins of other sites whose pages may connect. */
  origins?: readonly string[]
  /** How many proxies before us append to X-Forwarded-For. */
  trustedProxies?: number
  /** False: nobody is held back. */
  limited?: boolean
}

/** 403: from a page that may not; 503: too many at once, come again. undefined: let it in. */
export type UpgradeGuard = (request: IncomingMessage) => 403 | 503 | undefined

/** When a node dies its thousands of sockets come to the others in the same second, perhaps out of one house. */
const NODE = { perSecond: 500, burst: 2_000 }
const ADDRESS = { perSecond: 250, burst: 1_500 }
/** Addresses remembered at once; the one unused for longest goes. */
const MAX_ADDRESSES = 10_000

/**
 * Stands before every door: browsers say which page a socket is for, and that is held against our own address and the list;
 * programs say nothing and prove themselves by their token alone.
 */
export function createUpgradeGuard({
  origins = [],
  trustedProxies = 0,
  limited = true,
}: UpgradeGuardOptions = {}): UpgradeGuard {
  const node = bucket(NODE)
  const addresses = new Map<string, TokenBucket>()

  function bucketOf(address: string): TokenBucket {
    const known = addresses.get(address) ?? bucket(ADDRESS)
    addresses.delete(address)
    addresses.set(address, known)
    if (addresses.size > MAX_ADDRESSES) addresses.delete(addresses.keys().next().value as string)
    return known
  }

  return (request) => {
    if (!isWelcome(request, origins, trustedProxies > 0)) return 403
    if (!limited) return undefined
    const now = performance.now()
    return bucketOf(addressOf(request, trustedProxies)).take(now) && node.take(now) ? undefined : 503
  }
}

function isWelcome({ headers }: IncomingMessage, origins: readonly string[], isProxied: boolean): boolean {
  const { origin, host } = headers
  if (origin === undefined || origins.includes(origin)) return true
  // `null` (a file, a sandboxed frame) is nobody's page.
  if (!URL.canParse(origin)) return false
  const from = new URL(origin).host
  const forwarded = isProxied ? headers['x-forwarded-host'] : undefined
  return from !== '' && (from === host || from === forwarded)
}

function addressOf({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(',')
  const told = trustedProxies === 0 ? undefined : forwarded.at(-trustedProxies)?.trim()
  return (told || socket.remoteAddress) ?? 'unknown'
}

function bucket({ perSecond, burst }: typeof NODE): TokenBucket {
  return new TokenBucket(perSecond, burst, performance.now())
}
