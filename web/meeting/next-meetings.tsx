import { useEffect, useState } from 'preact/hooks'
import type { AgendaEntry, User } from '../client/contract.ts'
import type { Topics } from '../client/topics.ts'
import { zoneWords } from '../client/zone.ts'
import { useNow } from '../ui/use-now.ts'
import { addressOf } from './meeting-address.ts'
import { entryWords } from './meeting-words.ts'
import { foldAgenda, upcoming } from './upcoming.ts'

const TICK_MS = 30_000

/** The person's own meetings of the next days, live. */
export function NextMeetings({ topics, user }: { topics: Topics; user: User }) {
  const [entries, setEntries] = useState<readonly AgendaEntry[]>()
  const now = useNow(TICK_MS)
  useEffect(
    () =>
      topics.watch(`person:${user.id}`, {
        onState: (state) => setEntries((state as { entries: AgendaEntry[] }).entries),
        onEvent: ({ data }) =>
          setEntries((before = []) => foldAgenda(before, data as Parameters<typeof foldAgenda>[1])),
        onClosed: () => setEntries([]),
      }),
    [topics, user.id],
  )
  const next = upcoming(entries ?? [], now)
  return (
    <section class="next" aria-labelledby="next-title" aria-busy={entries === undefined}>
      <h1 id="next-title">Your next meetings</h1>
      <p class="soft small">
        Each has an agenda, notes and actions that everybody in it writes together. Times are{' '}
        {zoneWords(user.timezone, now)}.
      </p>
      {entries !== undefined && next.length === 0 && <p class="next-none">None in the next seven days.</p>}
      <ul class="next-list">
        {next.map((entry) => (
          <li key={`${entry.meetingId} ${entry.recurrenceId}`}>
            <a href={addressOf(entry.meetingId)}>
              <span class="next-when figures soft">{entryWords(entry, now, user.timezone)}</span>
              <span class="next-title">{entry.title}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
