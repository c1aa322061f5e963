import type { Logger } from 'pino'

export interface Outage {
  /** Says so once, however often it fails before it works again. */
  failed: (error: unknown) => void
  worked: () => void
}

/** One log line when something goes away and one when it is back. */
export function createOutage(log: Logger, what: string): Outage {
  let since: number | undefined
  return {
    failed(error) {
      if (since !== undefined) return
      since = performance.now()
      log.warn({ event: 'outage.started', what, err: error })
    },
    worked() {
      if (since === undefined) return
      log.info({ event: 'outage.ended', what, ms: Math.round(performance.now() - since) })
      since = undefined
    },
  }
}
