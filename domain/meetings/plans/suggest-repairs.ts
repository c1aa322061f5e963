import type { Conflict } from '../../refusals.ts'
import { ruleViolation } from '../../rooms/room.ts'
import { type Instant, type Interval, DAY_MS, HOUR_MS, MINUTE_MS, overlaps, plus } from '../../time/instant.ts'
import type { LocalTime } from '../../time/local-time.ts'
import { blockedBy, bufferMs, headCount, seatsOf } from '../claims.ts'
import type { Asked } from './dry-run.ts'
import type { Occurrence } from '../meeting.ts'
import { lookOf } from '../occurrence-look.ts'
import type { MeetingsTx, RoomFacts, RoomNeed } from '../ports.ts'
import type { ProposedRepair, RepairKind } from './repairs.ts'
import { zoneOf } from '../series-times.ts'

interface Broken {
  asked: Asked
  /** In the order of time. */
  broken: readonly Occurrence[]
  conflicts: ReadonlyMap<LocalTime, Conflict[]>
  now: Instant
  /** Which kinds are looked for; all of them when absent. */
  wanted?: readonly RepairKind[] | undefined
}

/** One occurrence that cannot be as asked, with the rooms it asked for and how many seats it takes. */
interface Case {
  occurrence: Occurrence
  rooms: RoomFacts[]
  /** The rooms that are in question. */
  lost: RoomFacts[]
  heads: number
}

/** Further ones may be left out; looking at more takes longer than people wait. */
const MAX_CASES = 300
/** Occurrences with rooms or people of their own make groups of their own. */
const MAX_GROUPS = 8
/** Of one occurrence: for each of them rooms are compared. */
const MAX_LOST = 6
/** How far from its time an occurrence may be proposed, on which grid, and on the same day only. */
const MOVE_MS = 4 * HOUR_MS
const GRID_MS = 15 * MINUTE_MS

/**
 * What would work instead for each occurrence, best first: another room at its time, its rooms at another time of the same day,
 * to be left out. One after the other, so that no first proposal takes what an earlier one took.
 */
export async function proposeRepairs(
  tx: MeetingsTx,
  { asked, broken, conflicts, now, wanted = ['other_room', 'other_time', 'skip'] }: Broken,
): Promise<Map<LocalTime, ProposedRepair[]>> {
  const cases = await casesOf(tx, asked, broken.slice(0, MAX_CASES), conflicts)
  const isRecurring = asked.aggregate.meeting.rrule !== null
  const others = wanted.includes('other_room') ? await otherRooms(tx, cases) : new Map<LocalTime, Others>()
  const isTimed = wanted.includes('other_time') && !asked.aggregate.meeting.allDay
  const busy = isTimed ? await busyAround(tx, cases) : new Map<string, Interval[]>()
  const taken = takenBy(asked, new Set(broken.map((one) => one.recurrenceId)))
  const zone = zoneOf(asked.aggregate.meeting)
  const dayOf = (at: Instant) => Math.floor(zone.wallAt(at) / DAY_MS)

  const proposed = new Map<LocalTime, ProposedRepair[]>()
  for (const one of cases) {
    const { recurrenceId } = one.occurrence
    const judge: Judge = { taken, now, isRecurring, dayOf }
    const instead = others.get(recurrenceId) ?? new Map()
    const proposals = [
      ...roomRepair(one, instead, judge),
      ...(isTimed ? timeRepair(one, busy.get(groupOf(one)) ?? [], judge) : []),
    ]
    const [first] = proposals
    if (first !== undefined) take(taken, one, first, instead)
    proposed.set(recurrenceId, proposals)
  }
  if (isRecurring && wanted.includes('skip')) {
    for (const { recurrenceId } of broken) {
      const skip = { kind: 'skip', reasons: ['It is left out; the other occurrences take place.'] } as const
      proposed.set(recurrenceId, [...(proposed.get(recurrenceId) ?? []), { ...skip, reasons: [...skip.reasons] }])
    }
  }
  return proposed
}

async function casesOf(
  tx: MeetingsTx,
  { aggregate }: Asked,
  broken: readonly Occurrence[],
  conflicts: ReadonlyMap<LocalTime, Conflict[]>,
): Promise<Case[]> {
  const looks = broken.map((occurrence) => ({ occurrence, look: lookOf(aggregate, occurrence) }))
  const { rooms } = await tx.facts([...new Set(looks.flatMap(({ look }) => look.roomIds))], [], [])
  return looks.map(({ occurrence, look }) => {
    const asked = look.roomIds.flatMap((id) => rooms.get(id) ?? [])
    const inQuestion = new Set(conflicts.get(occurrence.recurrenceId)?.map(({ resourceId }) => resourceId))
    const { organizerId } = aggregate.meeting
    return {
      occurrence,
      rooms: asked,
      lost: asked.filter((room) => inQuestion.has(room.id)),
      heads: headCount({ organizerId, participants: look.participants }),
    }
  })
}

/** By each room that an occurrence has lost: what could take its place, best first. */
type Others = Map<string, RoomFacts[]>

/** Rooms that are free at the time of each occurrence, those that do for most of them first: a series moves as a whole if it can. */
async function otherRooms(tx: MeetingsTx, cases: readonly Case[]): Promise<Map<LocalTime, Others>> {
  const found = new Map<LocalTime, Others>(cases.map(({ occurrence }) => [occurrence.recurrenceId, new Map()]))
  const groups = Map.groupBy(
    cases.filter(({ lost }) => lost.length > 0 && lost.length <= MAX_LOST),
    (one) => `${one.lost.map(({ id }) => id).join()} ${one.heads} ${groupOf(one)}`,
  )
  for (const group of [...groups.values()].slice(0, MAX_GROUPS)) {
    const [first] = group as [Case, ...Case[]]
    for (const room of first.lost) {
      const free = await tx.freeRoomsPerSpan(
        needInstead(first, room),
        group.map((one) => one.occurrence),
      )
      const counts = new Map<RoomFacts, number>()
      for (const other of free.flat()) counts.set(other, (counts.get(other) ?? 0) + 1)
      for (const [i, { occurrence }] of group.entries()) {
        const best = (free[i] ?? []).toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))
        found.get(occurrence.recurrenceId)?.set(room.id, best)
      }
    }
  }
  return found
}

/** Whom the rooms that stay cannot seat is shared out to those that are lost by their size. */
function needInstead({ rooms, lost, heads }: Case, room: RoomFacts): RoomNeed {
  const seatless = heads - seatsOf(rooms.filter((other) => !lost.includes(other)))
  return {
    capacity: Math.max(1, Math.ceil((seatless * room.capacity) / seatsOf(lost))),
    equipment: room.equipment,
    preferFloorId: room.floorId,
    except: rooms.map(({ id }) => id),
  }
}

/** What takes their rooms around the occurrences of a group, buffers included. */
async function busyAround(tx: MeetingsTx, cases: readonly Case[]): Promise<Map<string, Interval[]>> {
  const busy = new Map<string, Interval[]>()
  const groups = Map.groupBy(
    cases.filter(({ rooms }) => rooms.length > 0),
    groupOf,
  )
  for (const [key, group] of [...groups].slice(0, MAX_GROUPS)) {
    const { rooms } = group[0] as Case
    const margin = Math.max(...rooms.map((room) => Math.max(...marginsOf(room))))
    const window = {
      start: plus(group[0]?.occurrence.start as Instant, -MOVE_MS - margin),
      end: plus(Math.max(...group.map(({ occurrence }) => occurrence.end)) as Instant, MOVE_MS + margin),
    }
    busy.set(
      key,
      await tx.busy(
        rooms.map(({ id }) => id),
        window,
      ),
    )
  }
  return busy
}

interface Judge {
  /** By room: what this meeting takes, buffers included. */
  taken: Map<string, Interval[]>
  now: Instant
  isRecurring: boolean
  dayOf: (at: Instant) => number
}

function roomRepair({ occurrence, rooms, lost, heads }: Case, others: Others, judge: Judge): ProposedRepair[] {
  const chosen = new Map<string, RoomFacts>()
  for (const { id } of lost) {
    const isLeft = (room: RoomFacts) => ![...chosen.values()].some((other) => other.id === room.id)
    const other = others.get(id)?.find((room) => isLeft(room) && fits(room, occurrence, judge))
    if (other === undefined) return []
    chosen.set(id, other)
  }
  const instead = [...chosen.values()]
  if (instead.length === 0) return []
  const isOne = instead.length === 1
  return [
    {
      kind: 'other_room',
      roomIds: rooms.map(({ id }) => chosen.get(id)?.id ?? id),
      reasons: [
        `${instead.map(({ name }) => name).join(' and ')} ${isOne ? 'is' : 'are'} free at that time.`,
        `${isOne ? 'Seats' : 'Seat'} ${seatsOf(instead)} for ${heads}.`,
      ],
    },
  ]
}

function timeRepair({ occurrence, rooms, heads }: Case, busy: readonly Interval[], judge: Judge): ProposedRepair[] {
  // No other time opens a room or makes it larger.
  if (rooms.length === 0 || rooms.some((room) => !room.isActive) || seatsOf(rooms) < heads) return []
  const day = judge.dayOf(occurrence.start)
  for (const shiftMs of shifts()) {
    const span = { start: plus(occurrence.start, shiftMs), end: plus(occurrence.end, shiftMs) }
    if (span.start <= judge.now || judge.dayOf(span.start) !== day) continue
    const isFree = rooms.every((room) => {
      const blocked = blockedBy(room, span)
      return !busy.some((other) => overlaps(other, blocked)) && fits(room, span, judge)
    })
    if (!isFree) continue
    const names = rooms.map((room) => room.name).join(' and ')
    const minutes = Math.abs(shiftMs) / MINUTE_MS
    const when = `${minutes} minutes ${shiftMs > 0 ? 'later' : 'earlier'}`
    const reasons = [`${names} ${rooms.length > 1 ? 'are' : 'is'} free ${when}, on the same day.`]
    return [{ kind: 'other_time', ...span, reasons }]
  }
  return []
}

/** The nearest first, later before earlier. */
function* shifts(): Generator<number> {
  for (let shiftMs = GRID_MS; shiftMs <= MOVE_MS; shiftMs += GRID_MS) yield* [shiftMs, -shiftMs]
}

function fits(room: RoomFacts, span: Interval, { taken, now, isRecurring }: Judge): boolean {
  const { start, end } = span
  const isRuled = ruleViolation(room.bookingRules, { start, end, now, isRecurring }) === undefined
  return isRuled && !(taken.get(room.id) ?? []).some((other) => overlaps(other, blockedBy(room, span)))
}

function take(taken: Judge['taken'], one: Case, repair: ProposedRepair, others: Others): void {
  const span = repair.kind === 'other_time' ? repair : one.occurrence
  const ids = repair.kind === 'other_room' ? repair.roomIds : one.rooms.map(({ id }) => id)
  for (const id of ids) {
    const room = [one.rooms, ...others.values()].flat().find((known) => known.id === id)
    if (room !== undefined) taken.set(id, [...(taken.get(id) ?? []), blockedBy(room, span)])
  }
}

/** What the occurrences that are as asked take of rooms. */
function takenBy({ claims }: Asked, broken: ReadonlySet<LocalTime>): Judge['taken'] {
  const taken: Judge['taken'] = new Map()
  for (const { exclusive, recurrenceId, resourceId, blockedFrom: start, blockedUntil: end } of claims) {
    if (!exclusive || broken.has(recurrenceId)) continue
    const spans = taken.get(resourceId) ?? []
    spans.push({ start, end })
    taken.set(resourceId, spans)
  }
  return taken
}

function marginsOf(room: RoomFacts): [number, number] {
  return [bufferMs(room, 'bufferBeforeMinutes'), bufferMs(room, 'bufferAfterMinutes')]
}

function groupOf({ rooms }: Case): string {
  return rooms.map(({ id }) => id).join()
}
