import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { type Count, LocalLimit, type Quota, type Rate } from './rate-limit.ts'
import type { SharedLimit } from './rate-limit-shared.ts'

/** Ways to prove who one is, and to become somebody. */
export type Attempt = 'login' | 'register' | 'refresh' | 'claim' | 'forgot'

export interface RateLimits {
  /** Any request, before it is known who asks. In the memory of this process. */
  request: (address: string) => Quota
  /** In the memory of this process. */
  read: (actorId: string) => Quota
  /** Counted over all nodes; over this one while Redis is away. */
  write: (actorId: string) => Promise<Quota>
  /** Counted over all nodes, and always here too: with Redis away nobody gets more tries at this node. */
  attempt: (kind: Attempt, address: string, account: string) => Promise<Quota>
}

/** More than any person or page does; a program that does more slows down. */
const READS: Rate = { perSecond: 200, burst: 400 }
/** The contract's. */
const WRITES: Rate = { perSecond: 20, burst: 100 }
/** A house behind one address. */
const REQUESTS: Rate = { perSecond: 1_000, burst: 2_000 }

const perMinute = (count: number): Rate => ({ perSecond: count / 60, burst: count })
/** The contract's: tries at one account from one address. */
const TRIES = perMinute(10)

/**
 * What each kind of attempt counts besides. Rates of an address alone are a house's: some hundred people arrive in the same ten
 * minutes. An account alone is protected from many addresses. A pairing code is short, so all guesses together are few.
 */
const ATTEMPTS: Record<Attempt, { pair?: Rate; address: Rate; account?: Rate; all?: Rate }> = {
  login: { pair: TRIES, address: perMinute(120), account: perMinute(60) },
  register: { pair: TRIES, address: perMinute(60) },
  forgot: { pair: TRIES, address: perMinute(30), account: perMinute(10) },
  refresh: { address: perMinute(600) },
  claim: { address: TRIES, all: perMinute(100) },
}

/** `shared` is absent where there is no other node, as in a test. */
export function createRateLimits({ now, shared }: { now: () => number; shared?: SharedLimit }): RateLimits {
  const traffic = new LocalLimit({ now, failsClosed: false })
  const attempts = new LocalLimit({ now, failsClosed: true })
  return {
    request: (address) => traffic.take([{ key: `request ${networkOf(address)}`, rate: REQUESTS }]),
    read: (actorId) => traffic.take([{ key: `read ${actorId}`, rate: READS }]),
    async write(actorId) {
      const counts = [{ key: `write ${actorId}`, rate: WRITES }]
      return (await shared?.take(counts)) ?? traffic.take(counts)
    },
    async attempt(kind, address, account) {
      const counts = countsOf(kind, networkOf(address), account)
      const here = attempts.take(counts)
      if (here.retryAfterSeconds !== undefined) return here
      return (await shared?.take(counts)) ?? here
    },
  }
}

function countsOf(kind: Attempt, network: string, account: string): Count[] {
  const rates = ATTEMPTS[kind]
  // Keys are seen by whoever looks into Redis: an account's is a hash.
  const who = createHash('sha256').update(account).digest('base64url').slice(0, 22)
  const counts: [string, Rate | undefined][] = [
    [`${network} ${who}`, rates.pair],
    [network, rates.address],
    [`account ${who}`, rates.account],
    ['all', rates.all],
  ]
  return counts.flatMap(([key, rate]) => (rate === undefined ? [] : [{ key: `${kind} ${key}`, rate }]))
}

/** An IPv4 address, or the /64 that one IPv6 customer has at least. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(plain)) return plain.slice(0, 64)
  const [head = '', tail] = plain.toLowerCase().split('%')[0]!.split('::')
  const before = head.split(':').filter((group) => group !== '')
  const after = tail?.split(':').filter((group) => group !== '') ?? []
  const gap = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  const groups = [...before, ...gap, ...after].slice(0, 4)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}
