import { expect, test } from 'vitest'
import { parseInstant } from '../time/iso.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type RenderFacts, renderMessage } from './render-message.ts'

const on = (day: number, title?: string) => ({
  recurrenceId: `202611${day}T100000` as LocalTime,
  start: parseInstant(`2026-11-${day}T09:00:00Z`)!,
  end: parseInstant(`2026-11-${day}T10:00:00Z`)!,
  ...(title !== undefined && { title }),
})
const facts = (occurrences: RenderFacts['content']['occurrences']): RenderFacts => ({
  kind: 'change',
  content: { occurrences, more: 0 },
  title: 'Planning',
  organizerName: 'Olga Owner',
  roomNames: [],
  isCancelled: false,
  timezone: 'Europe/Berlin',
  url: 'https://convoke.example/meeting#1',
})

test('a mail about one occurrence is headed by its own title; among several each names what is its own', () => {
  const one = renderMessage(facts([on(24, 'Review <1>')]))
  expect(one.subject).toBe('Changed: Review <1> (Tue 24 Nov 2026)')
  expect(one.text).toContain('Review <1>\n  Tue 24 Nov 2026, 10:00-11:00\n')
  expect(one.html).toContain('<strong>Review &lt;1&gt;</strong>')
  const several = renderMessage(facts([on(24), on(25, 'Review')]))
  expect(several.subject).toBe('Changed: Planning (Tue 24 Nov 2026)')
  expect(several.text).toContain('  Tue 24 Nov 2026, 10:00-11:00\n  Wed 25 Nov 2026, 10:00-11:00, Review\n')
})
