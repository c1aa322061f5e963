import { type Interval, MINUTE_MS, plus } from '../../time/instant.ts'
import { type Blocker, blockersOf, obstaclesOf } from './blocking.ts'
import { type Fit, fitsOf, tableOf } from './candidates.ts'
import { reasonsOf } from './reasons.ts'
import { type Relaxation, relaxationsOf } from './relaxation.ts'
import { dateBook } from './dates.ts'
import { type Parts, rounded, scoreOf, scorer } from './scoring.ts'
import type { Seat } from './seat.ts'
import type { Steps } from './steps.ts'
import type { Wish } from './wish.ts'

/** A slot that fits, and why it stands where it does. */
export interface SuggestedSlot extends Interval {
  roomIds: string[]
  /** 0 to 1: the weighted sum of `parts`. */
  score: number
  parts: Parts
  /** Ids of people, in order. */
  attendance: { present: string[]; absent: string[] }
  /** Sentences. */
  reasons: string[]
}

export interface Suggestions {
  /** The best `limit` of all. */
  slots: SuggestedSlot[]
  /** How many there are in all. */
  total: number
}

/** Why nothing fits, and what would help. */
export interface Explanation {
  blocking: Blocker[]
  relaxations: Relaxation[]
}

/**
 * The best slots for a wish, best first; equals by start. Each start is in it once, with the best rooms, equals by id.
 *
 * Sound: a slot is only made of what every hard constraint allows. Deterministic: nothing but the wish is read, and people and rooms are put
 * in the order of their ids. Monotone: a wider window has every slot of a narrower one, with the same score (candidates.ts,
 * scoring.ts); a `limit` may cut off what ranks behind new ones, and a higher `limit` brings it back.
 */
export function* suggest(wish: Wish, limit: number): Steps<Suggestions> {
  const table = tableOf(wish)
  const book = dateBook(wish)
  const weigh = scorer(table, book)
  const fits: Scored[] = []
  for (const fit of yield* fitsOf(table)) {
    fits.push({ ...fit, score: scoreOf(weigh(fit).parts) })
    yield* table.tally.pause()
  }
  const slots: SuggestedSlot[] = []
  // Only what is answered is put into words.
  for (const fit of fits.toSorted(byRank).slice(0, limit)) {
    const merits = weigh(fit)
    const missing = merits.dates.complete < merits.dates.looked ? book.missing(fit.starts) : []
    table.tally.add(WORDING_LOOKS + (missing.length === 0 ? 0 : wish.required.length * merits.dates.looked))
    slots.push({
      start: fit.start,
      end: plus(fit.start, wish.durationMinutes * MINUTE_MS),
      roomIds: fit.rooms.rooms.map(({ id }) => id),
      score: fit.score,
      parts: rounded(merits.parts),
      attendance: { present: fit.present.map(idOf), absent: fit.absent.map(idOf) },
      reasons: reasonsOf({ ...fit, ...merits, missing }, table),
    })
    yield* table.tally.pause()
  }
  return { slots, total: fits.length }
}

type Scored = Fit & { score: number }

/** To put a slot into words takes as long as so many looks. */
const WORDING_LOOKS = 500

/** No two slots of one answer have the same start, so rooms never have to decide. */
function byRank(a: { score: number; start: number }, b: { score: number; start: number }): number {
  return b.score - a.score || a.start - b.start
}

function idOf({ guest }: Seat): string {
  return guest.id
}

/** For a wish that nothing fits, its time being known beyond the window (`MAX_WIDER_DAYS`). */
export function* explain(wish: Wish): Steps<Explanation> {
  const table = tableOf(wish)
  const found = yield* obstaclesOf(table)
  return { blocking: yield* blockersOf(table, found), relaxations: yield* relaxationsOf(wish, found) }
}
