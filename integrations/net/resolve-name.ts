import { lookup } from 'node:dns/promises'
import { type GuardOptions, type Resolve, addressProblem, hostOf, isAllowed, isPublicAddress } from './address-guard.ts'
import { isIP } from 'node:net'

/** As the machine resolves names: hosts file, then its name servers. */
export const resolveName: Resolve = (hostname) => lookup(hostname, { all: true, verbatim: true })

/** A person waits for this answer; the pull that follows asks again anyway. */
const PATIENCE_MS = 2_000

/**
 * Whether an address may be fetched, as far as can be told now: as written, and where its name leads. A name that does not
 * resolve, or not in time, is no reason to refuse: it is judged again whenever a connection is made.
 */
export async function mayBeFetched(url: URL, options: GuardOptions & { resolve: Resolve }): Promise<boolean> {
  if (addressProblem(url, options) !== undefined) return false
  const host = hostOf(url)
  if (isIP(host) !== 0 || isAllowed(url, options.allow)) return true
  const late = new Promise<[]>((done) => setTimeout(done, PATIENCE_MS, []).unref())
  const found = await Promise.race([options.resolve(host).catch(() => []), late])
  return found.every(({ address }) => isPublicAddress(address))
}
