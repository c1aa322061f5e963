import type { NewsRow } from './news-log.ts'
import type { SpanOptions, Tracing } from './tracing.ts'

/** A span that ends now for each event whose command was traced: how long it spent in one place on its way. */
export function traceNews(
  tracing: Tracing | undefined,
  name: string,
  rows: readonly NewsRow[],
  options: Pick<SpanOptions, 'kind'> & { startedAt: number },
): void {
  if (tracing === undefined) return
  for (const { trace, topic, seq, type } of rows) {
    if (!trace) continue
    // The topic's id would make a name of its own for each room and person.
    const facts = {
      'convoke.event': type,
      'convoke.topic_kind': topic.slice(0, topic.indexOf(':')),
      'convoke.seq': seq,
    }
    tracing.start(name, { ...options, parent: trace, facts }).end()
  }
}
