import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface RealtimeMetrics {
  delivery: Histogram
  fills: Counter
}

export function realtimeMetrics(
  registry: Registry,
  read: { sockets: () => number; topicListeners: () => number },
): RealtimeMetrics {
  gauge('convoke_sockets', 'Authenticated sockets', read.sockets)
  gauge('convoke_topic_listeners', 'Topics watched, counted once per socket', read.topicListeners)
  return {
    delivery: new Histogram({
      name: 'convoke_news_delivery_seconds',
      help: 'Time from when a command happened until its event was sent to the sockets that watch it',
      buckets: [0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers: [registry],
    }),
    fills: new Counter({
      name: 'convoke_news_fills_total',
      help: 'Events read from the outbox because Redis did not bring them',
      registers: [registry],
    }),
  }

  function gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value())
      },
    })
  }
}
