import type { Report } from '../bench/report.ts'
import { interleave } from '../bench/rounds.ts'
import { median, percentile } from '../bench/statistics.ts'
import { type Office, bookingOf, openOffice } from './office.ts'
import { type Book, bookFree } from './ours.ts'
import { rateOf } from './writers.ts'

const RACERS = 40
const LARGEST = 500
const WEEKS = 52
const WRITERS = 32
const ORGANIZATIONS = 50

interface Stage {
  url: string
  office: Office
  book: Book
  quick: boolean
}

/** Forty people want the same room at the same time: who hears what, and when. */
export async function raceOneSlot(report: Report, { office, book, quick }: Stage): Promise<void> {
  const rounds = quick ? 5 : 20
  const answers: number[] = []
  let fair = 0
  for (let round = 0; round < rounds; round++) {
    const slot = office.nextSlot()
    const results = await Promise.all(
      Array.from({ length: RACERS }, async (_, racer) => {
        const started = performance.now()
        const result = await book(office.actor(racer), bookingOf(slot))
        answers.push(performance.now() - started)
        return result
      }),
    )
    const refused = results.filter((result) => !result.ok && result.error.code === 'slot_conflict')
    const won = results.filter((result) => result.ok)
    if (won.length === 1 && refused.length === RACERS - 1) fair++
  }
  report.figure(`race of ${RACERS}, p50`, percentile(answers, 50), 'ms')
  report.figure(`race of ${RACERS}, p99`, percentile(answers, 99), 'ms')
  report.figure(`race of ${RACERS}, rounds with exactly one winner`, fair / rounds, `share of ${rounds}`)
}

/** All writers in one organisation against the same writers spread over fifty. */
export async function compareOrganizations(report: Report, { url, office, book, quick }: Stage): Promise<void> {
  const many = await Promise.all(Array.from({ length: ORGANIZATIONS }, () => openOffice(url, 10, 12)))
  let next = 0
  const seconds = quick ? 1 : 3
  const result = await interleave(
    {
      'one organisation': () =>
        rateOf(WRITERS, seconds, (w) => bookFree(book, office.actor(w), bookingOf(office.nextSlot()))),
      'fifty organisations': () =>
        rateOf(WRITERS, seconds, (w) => {
          const one = many[next++ % many.length] as Office
          return bookFree(book, one.actor(w), bookingOf(one.nextSlot()))
        }),
    },
    report,
    quick ? 2 : 5,
  )
  report.figure('hot organisation', result.median('one organisation'), 'bookings/s')
  report.figure(`${ORGANIZATIONS} organisations`, result.median('fifty organisations'), 'bookings/s')
  report.figure('hot organisation to 50', result.ratio('one organisation', 'fifty organisations'), 'ratio')
}

/** Everybody is invited, one after the other: the time of one answer. */
export async function bookLargest(report: Report, { office, book, quick }: Stage): Promise<void> {
  const participants = office.people.slice(1, LARGEST + 1).map((userId) => ({ userId }))
  const took: number[] = []
  for (let round = 0; round < (quick ? 3 : 15); round++) {
    const started = performance.now()
    await bookFree(book, office.actor(0), bookingOf(office.nextSlot(), { participants }))
    took.push(performance.now() - started)
  }
  report.figure(`meeting of ${LARGEST} people, p50`, median(took), 'ms')
  report.figure(`meeting of ${LARGEST} people, slowest`, Math.max(...took), 'ms')
}

/** A year of weekly meetings at a time; each slot of the first week is a series of its own. */
export async function bookSeries(report: Report, { url, book, quick }: Stage): Promise<void> {
  const office = await openOffice(url)
  const recurrence = { rrule: `FREQ=WEEKLY;COUNT=${WEEKS}` }
  const rates: number[] = []
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    const rate = await rateOf(WRITERS, quick ? 1 : 3, async (w) => {
      // In UTC: elsewhere two slots of the night of the clock change can be the same moment.
      return (
        WEEKS * (await bookFree(book, office.actor(w), bookingOf(office.nextSlot(), { recurrence, timezone: 'UTC' })))
      )
    })
    rates.push(rate)
  }
  report.figure(`series of ${WEEKS}`, median(rates), 'occurrences/s')
}

/** Writers who want what others want: few rooms, one day, any times. Whoever loses is told why and what else is free. */
export async function scramble(report: Report, { url, book, quick }: Stage): Promise<void> {
  const office = await openOffice(url, 20, 60)
  const day = office.nextSlot().start
  let won = 0
  const answers = await rateOf(WRITERS, quick ? 2 : 6, async (w) => {
    const start = day + Math.floor(Math.random() * 86_400_000)
    const slot = {
      roomId: office.roomIds[Math.floor(Math.random() * office.roomIds.length)] as string,
      start: start as typeof day,
      end: (start + 600_000 + Math.floor(Math.random() * 3_600_000)) as typeof day,
    }
    const result = await book(office.actor(w), bookingOf(slot))
    if (result.ok) won++
    return 1
  })
  report.figure('scramble for 20 rooms, answers', answers, 'answers/s')
  report.note(`${won} of them got what they wanted`)
}
