import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface NewsMetrics {
  delivery: Histogram
  fills: Counter
}

export function newsMetrics(registry: Registry, read: { topicListeners: () => number }): NewsMetrics {
  gauge(registry, 'convoke_topic_listeners', 'Topics watched, counted once per watcher', read.topicListeners)
  return {
    delivery: new Histogram({
      name: 'convoke_news_delivery_seconds',
      help: 'Time from when a command happened until its event was sent to those who watch it',
      buckets: [0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers: [registry],
    }),
    fills: new Counter({
      name: 'convoke_news_fills_total',
      help: 'Events read from the outbox because Redis did not bring them',
      registers: [registry],
    }),
  }
}

/** A figure that is read when it is asked for. */
export function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value())
    },
  })
}
