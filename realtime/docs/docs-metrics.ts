import { Counter, Histogram, type Registry } from 'prom-client'
import { gauge } from '../metrics.ts'

export interface DocsMetrics {
  updatesIn: Counter
  updatesOut: Counter
  storedSeconds: Histogram
  fills: Counter
}

interface Figures {
  docs: () => number
  peers: () => number
  bytes: () => number
  unstored: () => number
}

export function docsMetrics(registry: Registry, figures: Figures): DocsMetrics {
  gauge(registry, 'convoke_docs_open', 'Documents open on this node', figures.docs)
  gauge(registry, 'convoke_docs_peers', 'Connections to documents', figures.peers)
  gauge(
    registry,
    'convoke_docs_resident_bytes',
    'Merged updates held in memory, idle documents included',
    figures.bytes,
  )
  gauge(registry, 'convoke_docs_unstored_bytes', 'Updates that are not in the store yet', figures.unstored)
  const registers = [registry]
  return {
    updatesIn: new Counter({ name: 'convoke_docs_updates_in_total', help: 'Updates taken from clients', registers }),
    updatesOut: new Counter({ name: 'convoke_docs_updates_out_total', help: 'Updates written to clients', registers }),
    storedSeconds: new Histogram({
      name: 'convoke_docs_stored_seconds',
      help: 'Time from when updates came until they were committed',
      buckets: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 5],
      registers,
    }),
    fills: new Counter({
      name: 'convoke_docs_fills_total',
      help: 'Updates read from the store because Redis did not bring them',
      registers,
    }),
  }
}
