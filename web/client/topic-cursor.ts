/** Where a client stands in a topic's news. */
export interface Cursor {
  epoch: number
  seq: number
}

export interface NewsItem extends Cursor {
  topic: string
  /** An event type, or `snapshot`. */
  type: string
  at: string
  data: unknown
}

/** `known` came before and is dropped; after a `gap` only watching again helps. */
export type Verdict = 'apply' | 'replace' | 'known' | 'gap'

/** Per topic seqs are consecutive; only a snapshot may jump. */
export function judgeItem(cursor: Cursor, item: Pick<NewsItem, 'epoch' | 'seq' | 'type'>): Verdict {
  if (item.type === 'snapshot') return 'replace'
  if (item.epoch !== cursor.epoch) return 'gap'
  if (item.seq <= cursor.seq) return 'known'
  return item.seq === cursor.seq + 1 ? 'apply' : 'gap'
}
