import { type Interval, MINUTE_MS, plus } from '../../time/instant.ts'
import { type Blocker, blockersOf, obstaclesOf } from './blocking.ts'
import { fitsOf, tableOf } from './candidates.ts'
import { reasonsOf } from './reasons.ts'
import { type Relaxation, relaxationsOf } from './relaxation.ts'
import { type Parts, rounded, scoreOf, scorer } from './scoring.ts'
import type { Seat } from './seat.ts'
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
 * in the order of their ids. Monotone: a wider window has every slot of a narrower one, with the same score (suggest-candidates.ts,
 * suggest-scoring.ts); a `limit` may cut off what ranks behind new ones, and a higher `limit` brings it back.
 */
export function suggest(wish: Wish, limit: number): Suggestions {
  const table = tableOf(wish)
  const weigh = scorer(table)
  const fits = fitsOf(table).map((fit) => ({ ...fit, score: scoreOf(weigh(fit).parts) }))
  // Only what is answered is put into words.
  const slots = fits
    .toSorted(byRank)
    .slice(0, limit)
    .map((fit): SuggestedSlot => {
      const merits = weigh(fit)
      return {
        start: fit.start,
        end: plus(fit.start, wish.durationMinutes * MINUTE_MS),
        roomIds: fit.rooms.rooms.map(({ id }) => id),
        score: fit.score,
        parts: rounded(merits.parts),
        attendance: { present: fit.present.map(idOf), absent: fit.absent.map(idOf) },
        reasons: reasonsOf({ ...fit, ...merits }, table),
      }
    })
  return { slots, total: fits.length }
}

/** No two slots of one answer have the same start, so rooms never have to decide. */
function byRank(a: { score: number; start: number }, b: { score: number; start: number }): number {
  return b.score - a.score || a.start - b.start
}

function idOf({ guest }: Seat): string {
  return guest.id
}

/** For a wish that nothing fits, its time being known beyond the window (`MAX_WIDER_DAYS`). */
export function explain(wish: Wish): Explanation {
  const table = tableOf(wish)
  const found = obstaclesOf(table)
  return { blocking: blockersOf(table, found), relaxations: relaxationsOf(wish, found) }
}
