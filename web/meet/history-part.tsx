import type { Page } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import { momentWords } from '../client/span-words.ts'
import type { Topics } from '../client/topics.ts'
import { actorWords, historyWords } from './history-words.ts'
import type { HistoryEntry } from './shapes.ts'
import { useRead } from './use-read.ts'

interface HistoryPartProps {
  rest: Rest
  topics: Topics
  meetingId: string
  /** Another one: it has changed. */
  turn: number
  now: number
  zone: string
}

const MAX_SHOWN = 20

/** What became of the meeting, newest first. */
export function HistoryPart({ rest, topics, meetingId, turn, now, zone }: HistoryPartProps) {
  const path = `/meetings/${meetingId}/history?limit=${MAX_SHOWN}`
  const { seen } = useRead(topics, `${turn} ${path}`, () => rest.get<Page<HistoryEntry>>(path))
  const entries = seen?.value.items ?? []
  if (entries.length === 0) return null
  return (
    <section class="sheet-part" aria-labelledby="history-title">
      <h3 id="history-title">What became of it</h3>
      <ol class="history small">
        {entries.map((entry) => (
          <li key={entry.id}>
            <span class="soft figures">{momentWords(Date.parse(entry.at), now, zone)}</span> {actorWords(entry)}{' '}
            {historyWords(entry, zone)}
          </li>
        ))}
      </ol>
    </section>
  )
}
