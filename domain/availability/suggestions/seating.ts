import type { Instant } from '../../time/instant.ts'
import type { Seat } from './seat.ts'

/** Who needs a seat at one start: everybody named, whether he can come or not, for he is invited; of the groups only who can come. */
export interface Seating {
  /** With no more of each group than it asks for. */
  least: number
  /** With everybody of the groups who can come. */
  most: number
  /** Of the groups only, those who come up to their numbers first. */
  others: readonly Seat[]
}

interface Somebody {
  id: string
}
/** Of a wish, who is invited. */
interface Invited {
  organizerId: string
  required: readonly Somebody[]
  optional: readonly Somebody[]
  quorums: readonly { k: number; members: readonly Somebody[] }[]
}

/** Who is invited whatever the start is: whoever asks, the required and the optional. */
export function namedIn({ organizerId, required, optional }: Omit<Invited, 'quorums'>): ReadonlySet<string> {
  return new Set([organizerId, ...[...required, ...optional].map(({ id }) => id)])
}

/** How many seats are needed whoever of the groups comes: of groups that share people no more is known than what the largest lacks. */
export function leastHeads(invited: Invited): number {
  const named = namedIn(invited)
  const lacks = invited.quorums.map(({ k, members }) => {
    return k - [...new Set(members.map(({ id }) => id))].filter((id) => named.has(id)).length
  })
  return named.size + Math.max(0, ...lacks)
}

/** One who decides for each start; undefined: too few of a group can come. */
export type Seater = (start: Instant, minute: number) => Seating | undefined

/**
 * Of each group those come up to its number first who are in most groups, then by id: who is in two groups counts for both and takes one
 * seat. With groups that share people another choice may need fewer seats; with none that do, none does.
 */
export function seaterOf(
  named: ReadonlySet<string>,
  quorums: readonly { k: number; seats: readonly Seat[] }[],
): Seater {
  const groupsOf = (seat: Seat) => quorums.filter(({ seats }) => seats.includes(seat)).length
  const isNamed = ({ guest }: Seat) => named.has(guest.id)
  const members = [...new Set(quorums.flatMap(({ seats }) => seats))]
    .map((seat) => ({ seat, groups: groupsOf(seat) }))
    .toSorted((a, b) => b.groups - a.groups || (a.seat.guest.id < b.seat.guest.id ? -1 : 1))
    .map(({ seat }) => seat)
  const groups = quorums.map(({ k, seats }) => ({ k, seats: new Set(seats) }))

  return (start, minute) => {
    if (members.length === 0) return { least: named.size, most: named.size, others: [] }
    const coming = members.filter((seat) => seat.canCome(start, minute))
    const taken = new Set(coming.filter(isNamed))
    for (const { k, seats } of groups) {
      const own = coming.filter((seat) => seats.has(seat))
      if (own.length < k) return undefined
      let lack = k - own.filter((seat) => taken.has(seat)).length
      for (const seat of own) {
        if (lack <= 0) break
        if (taken.has(seat)) continue
        taken.add(seat)
        lack -= 1
      }
    }
    const first = [...taken].filter((seat) => !isNamed(seat))
    const others = [...first, ...coming.filter((seat) => !isNamed(seat) && !taken.has(seat))]
    return { least: named.size + first.length, most: named.size + others.length, others }
  }
}
