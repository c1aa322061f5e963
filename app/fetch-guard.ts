import type { GuardOptions, Resolve } from '../integrations/net/address-guard.ts'
import { resolveName } from '../integrations/net/resolve-name.ts'
import type { Config } from './config.ts'

/** What may be fetched because somebody told us to, and how names are resolved for it. */
export function fetchGuard({ fetchAllow }: Pick<Config, 'fetchAllow'>): GuardOptions & { resolve: Resolve } {
  return { allow: new Set(fetchAllow), resolve: resolveName }
}
