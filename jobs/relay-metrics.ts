import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface RelayMetrics {
  lag: Gauge
  events: Counter
  append: Histogram
}

export function relayMetrics(registry: Registry): RelayMetrics {
  return {
    lag: new Gauge({
      name: 'convoke_relay_lag_seconds',
      help: 'Age of the oldest event that the last claim found undelivered; 0 when there was none',
      registers: [registry],
    }),
    events: new Counter({
      name: 'convoke_relay_events_total',
      help: 'Events given a position',
      registers: [registry],
    }),
    append: new Histogram({
      name: 'convoke_relay_append_seconds',
      help: 'Time from the start of a claim until its events are in the streams',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
      registers: [registry],
    }),
  }
}
