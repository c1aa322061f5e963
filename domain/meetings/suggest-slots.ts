import type { Suggestion } from '../refusals.ts'
import { ruleViolation } from '../rooms/room.ts'
import { type Instant, type Interval, HOUR_MS, MINUTE_MS, plus } from '../time/instant.ts'
import { type ClaimRequest, bufferMs, headCount, seatsOf, selfOverlaps } from './claims.ts'
import { isLive } from './meeting.ts'
import type { MeetingsTx, RoomFacts } from './ports.ts'

const MAX_ROOMS = 3
const MAX_LATER = 2
/** Rooms that are looked at closer: those free for the first spans of a series rarely fail on the rest. */
const MAX_CANDIDATES = 12
/** Spans with which all rooms of an organisation are compared at once; the few candidates then with every span. */
const FIRST_SPANS = 60
/** How far a later start is looked for, and on which grid. */
const LATER_WINDOW_MS = 12 * HOUR_MS
const GRID_MS = 15 * MINUTE_MS

/**
 * What would work instead of a refused booking: other rooms at the same time, the same rooms a little later. Each can be
 * booked if nothing changes: seats, rules, buffers and every occurrence of a series are looked at.
 */
export async function suggestSlots(tx: MeetingsTx, wanted: ClaimRequest): Promise<Suggestion[]> {
  if (wanted.rooms.length === 0 || !wanted.occurrences.some(isLive)) return []
  const others = await otherRooms(tx, wanted)
  const isOne = wanted.occurrences.filter(isLive).length === 1
  return isOne ? [...others, ...(await laterStarts(tx, wanted))] : others
}

async function otherRooms(tx: MeetingsTx, wanted: ClaimRequest): Promise<Suggestion[]> {
  // Several rooms wanted together are a set nobody can replace by guessing.
  const [room, second] = wanted.rooms
  if (room === undefined || second !== undefined) return []
  const spans = wanted.occurrences.filter(isLive).toSorted((a, b) => a.start - b.start)
  const first = spans[0] as Interval
  const heads = headCount(wanted)
  const need = { capacity: heads, equipment: room.equipment, preferFloorId: room.floorId, except: [room.id] }
  const candidates = await tx.freeRooms(need, spans.slice(0, FIRST_SPANS), MAX_CANDIDATES)
  const among = candidates.map((candidate) => candidate.id)
  const isSure = spans.length <= FIRST_SPANS || among.length === 0
  const free = isSure ? candidates : await tx.freeRooms({ ...need, among }, spans, MAX_CANDIDATES)
  const fitting = free.filter((other) => keepsRules(other, spans, wanted) && selfOverlaps(other, spans).length === 0)
  return fitting.slice(0, MAX_ROOMS).map((other, rank): Suggestion => ({
    start: first.start,
    end: first.end,
    roomIds: [other.id],
    score: round(1 - rank * 0.1 - (other.floorId === room.floorId ? 0 : 0.2)),
    reasons: [
      spans.length === 1
        ? `${other.name} is free at that time.`
        : `${other.name} is free for all ${spans.length} occurrences.`,
      `Seats ${other.capacity} for ${heads}.`,
      ...(other.floorId !== null && other.floorId === room.floorId ? ['On the same floor.'] : []),
      ...(room.equipment.length > 0 ? [`Has ${room.equipment.join(', ')}.`] : []),
    ],
  }))
}

async function laterStarts(tx: MeetingsTx, wanted: ClaimRequest): Promise<Suggestion[]> {
  const { rooms } = wanted
  if (seatsOf(rooms) < headCount(wanted) || rooms.some((room) => !room.isActive)) return []
  const span = wanted.occurrences.find(isLive) as Interval
  const margin = {
    beforeMs: Math.max(...rooms.map((room) => bufferMs(room, 'bufferBeforeMinutes'))),
    afterMs: Math.max(...rooms.map((room) => bufferMs(room, 'bufferAfterMinutes'))),
  }
  const window = { start: plus(span.start, -margin.beforeMs), end: plus(span.end, LATER_WINDOW_MS + margin.afterMs) }
  const roomIds = rooms.map((room) => room.id)
  const starts = freeStarts(span, await tx.busy(roomIds, window), margin)
  const durationMs = span.end - span.start
  return starts.flatMap((start): Suggestion[] => {
    const end = plus(start, durationMs)
    if (!rooms.every((room) => keepsRules(room, [{ start, end }], wanted))) return []
    const names = rooms.map((room) => room.name).join(' and ')
    const reasons = [`${names} ${rooms.length > 1 ? 'are' : 'is'} free ${minutes(start - span.start)} later.`]
    return [{ start, end, roomIds, score: round(0.6 - (start - span.start) / LATER_WINDOW_MS / 2), reasons }]
  })
}

function keepsRules(room: RoomFacts, spans: readonly Interval[], { now, isRecurring }: ClaimRequest): boolean {
  return spans.every(
    ({ start, end }) => ruleViolation(room.bookingRules, { start, end, now, isRecurring }) === undefined,
  )
}

/** The first starts after the wanted one, on the grid, at which the span with its margins meets nothing busy. */
export function freeStarts(
  wanted: Interval,
  busy: readonly Interval[],
  { beforeMs, afterMs }: { beforeMs: number; afterMs: number },
): Instant[] {
  const durationMs = wanted.end - wanted.start
  const starts: Instant[] = []
  const last = wanted.start + LATER_WINDOW_MS
  let at = wanted.start + GRID_MS
  while (at <= last && starts.length < MAX_LATER) {
    const isFree = !busy.some((span) => span.start < at + durationMs + afterMs && at - beforeMs < span.end)
    if (isFree) starts.push(at as Instant)
    // A second one that says the same a quarter of an hour later helps nobody.
    at += isFree ? Math.max(durationMs, GRID_MS) : GRID_MS
  }
  return starts
}

function minutes(ms: number): string {
  const total = Math.round(ms / MINUTE_MS)
  if (total < 60) return `${total} minutes`
  const rest = total % 60
  return `${Math.floor(total / 60)} h${rest === 0 ? '' : ` ${rest} min`}`
}

function round(score: number): number {
  return Math.round(Math.max(0, score) * 100) / 100
}
