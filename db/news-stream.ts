import type { Instant } from '../domain/time/instant.ts'
import type { NewsRow } from './news-log.ts'

/** What a Redis stream keeps for nodes that fall behind; older news is read from the outbox. */
export const STREAM_LENGTH = 10_000

/**
 * Where a shard's news goes. A new epoch begins with new streams, so what an undone time left behind is never read; the
 * braces keep a key in one slot of a Redis cluster.
 */
export function streamKey(epoch: number, shard: number): string {
  return `news:{${epoch}.${shard}}`
}

/** An entry's id is the event's position, so a reader's cursor in the stream is its position in the log. */
export function entryId(position: number): string {
  return `${position}-0`
}

export function encodeEntry(row: NewsRow): string {
  const { organizationId, topic, seq, type, at, data, trace } = row
  const entry = [organizationId, topic, seq, type, at, data]
  return JSON.stringify(trace ? [...entry, trace] : entry)
}

/** undefined: not an entry of ours; the event is read from the outbox then. */
export function decodeEntry(shard: number, id: string, text: string | undefined): NewsRow | undefined {
  if (text === undefined) return undefined
  try {
    const [organizationId, topic, seq, type, at, data, trace] = JSON.parse(text) as [
      string,
      string,
      number,
      string,
      Instant,
      unknown,
      string?,
    ]
    return { organizationId, topic, seq, type, at, data, shard, position: positionOf(id), trace }
  } catch {
    return undefined
  }
}

export function positionOf(id: string): number {
  return Number(id.slice(0, id.indexOf('-')))
}
