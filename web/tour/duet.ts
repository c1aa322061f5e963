import type { Session } from '../client/session.ts'
import type { Colleagues, DemoPerson } from './demo.ts'
import { type Exchange, demand } from './exchange.ts'
import { Refused } from './refused.ts'

export interface DuetMeeting {
  id: string
  booked: Exchange
}

export interface DuetResult {
  letters: number
  /** Milliseconds from a key on one replica to the letter on the other, of each. */
  delays: number[]
  isEqual: boolean
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const PATIENCE_MS = 5_000
const LINES = ['We type this in one window, on one node,', 'and this in the other, on the other node.'] as const

/** A meeting of its own to write into, with the two who write. Throws `Refused`. */
export async function openDuet(
  session: Session,
  colleagues: Colleagues,
  people: readonly DemoPerson[],
): Promise<DuetMeeting> {
  const writers = await Promise.all(people.map(({ email }) => colleagues.signedIn(email)))
  const start = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 8 * HOUR_MS
  const booked = await demand(session, 'POST', '/meetings', {
    title: 'Two writers, two nodes',
    startTime: new Date(start).toISOString(),
    endTime: new Date(start + HOUR_MS).toISOString(),
    timezone: 'UTC',
    participants: writers.map(({ userId }) => ({ userId })),
  })
  return { id: (booked.answer as { meeting: { id: string } }).meeting.id, booked }
}

/** Two colleagues type at the same time, each connected to another node. Throws `Refused`. */
export async function playDuet(
  colleagues: Colleagues,
  people: readonly DemoPerson[],
  { meetingId, nodes }: { meetingId: string; nodes: readonly (string | undefined)[] },
): Promise<DuetResult> {
  // The documents' machinery is loaded by who wants to see it.
  const { Author } = await import('./author.ts')
  const sent: number[][] = [[], []]
  const delays: number[] = []
  const authors = await Promise.all(
    people.map(async ({ name, email }, i) => {
      const { accessToken: token } = await colleagues.signedIn(email)
      const onHeard = (letters: number) => {
        for (const at of sent[1 - i]?.splice(0, letters) ?? []) delays.push(performance.now() - at)
      }
      return new Author({ name, meetingId, token, node: nodes[i], onHeard })
    }),
  )
  try {
    const opened = await Promise.all(authors.map((author) => author.ready()))
    if (opened.includes(false)) throw new Refused('The document did not open.')
    await Promise.all(authors.map((author, i) => author.write(LINES[i] ?? '', () => sent[i]?.push(performance.now()))))
    const limit = performance.now() + PATIENCE_MS
    while (sent.some((waiting) => waiting.length > 0) && performance.now() < limit) {
      await new Promise((done) => setTimeout(done, 20))
    }
    const [first, second] = authors.map(({ notes }) => notes.toJSON())
    return { letters: LINES.join('').length, delays, isEqual: first === second }
  } finally {
    for (const author of authors) author.close()
  }
}
