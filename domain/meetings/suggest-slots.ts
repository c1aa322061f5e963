import type { Suggestion } from '../refusals.ts'
import { ruleViolation } from '../rooms/room.ts'
import { type Instant, type Interval, HOUR_MS, MINUTE_MS, plus } from '../time/instant.ts'
import type { MeetingsTx, RoomFacts } from './ports.ts'

interface Wanted {
  rooms: readonly RoomFacts[]
  spans: readonly Interval[]
  heads: number
  now: Instant
}

const MAX_ROOMS = 3
const MAX_LATER = 2
/** Every occurrence of a usual series; the longest are judged by their first ones. */
const MAX_SPANS = 60
/** How far a later start is looked for, and on which grid. */
const LATER_WINDOW_MS = 12 * HOUR_MS
const GRID_MS = 15 * MINUTE_MS

/** What would work instead of a refused booking: other rooms at the same time, the same rooms a little later. */
export async function suggestSlots(tx: MeetingsTx, wanted: Wanted): Promise<Suggestion[]> {
  const { rooms, spans } = wanted
  const first = spans[0]
  if (first === undefined || rooms.length === 0) return []
  const others = await otherRooms(tx, { ...wanted, spans: spans.slice(0, MAX_SPANS) })
  return spans.length === 1 ? [...others, ...(await laterStarts(tx, rooms, first))] : others
}

async function otherRooms(tx: MeetingsTx, { rooms, spans, heads, now }: Wanted): Promise<Suggestion[]> {
  // Several rooms wanted together are a set nobody can replace by guessing.
  const [wanted, second] = rooms
  const first = spans[0]
  if (wanted === undefined || second !== undefined || first === undefined) return []
  const { equipment, floorId } = wanted
  const need = { capacity: heads, equipment, preferFloorId: floorId, except: [wanted.id] }
  const free = await tx.freeRooms(need, spans, MAX_ROOMS * 2)
  const isRecurring = spans.length > 1
  const fitting = free.filter((room) => spans.every((span) => !ruleViolation(room.bookingRules, { ...span, now, isRecurring })))
  return fitting.slice(0, MAX_ROOMS).map((room, rank): Suggestion => ({
    start: first.start,
    end: first.end,
    roomIds: [room.id],
    score: round(1 - rank * 0.1 - (room.floorId === floorId ? 0 : 0.2)),
    reasons: [
      spans.length === 1 ? `${room.name} is free at that time.` : `${room.name} is free for all ${spans.length} occurrences.`,
      `Seats ${room.capacity} for ${heads}.`,
      ...(room.floorId !== null && room.floorId === floorId ? ['On the same floor.'] : []),
      ...(equipment.length > 0 ? [`Has ${equipment.join(', ')}.`] : []),
    ],
  }))
}

async function laterStarts(tx: MeetingsTx, rooms: readonly RoomFacts[], wanted: Interval): Promise<Suggestion[]> {
  const window = { start: wanted.start, end: plus(wanted.end, LATER_WINDOW_MS) }
  const roomIds = rooms.map((room) => room.id)
  const busy = await tx.busy(roomIds, window)
  return freeStarts(wanted, busy, marginMs(rooms, 'bufferBeforeMinutes'), marginMs(rooms, 'bufferAfterMinutes')).map((start) => ({
    start,
    end: plus(start, wanted.end - wanted.start),
    roomIds,
    score: round(0.6 - (start - wanted.start) / LATER_WINDOW_MS / 2),
    reasons: [`${rooms.map((room) => room.name).join(' and ')} is free ${minutes(start - wanted.start)} later.`],
  }))
}

/** The first starts after the wanted one, on the grid, at which the span meets nothing busy. Pure; `busy` in order of start. */
export function freeStarts(wanted: Interval, busy: readonly Interval[], beforeMs: number, afterMs: number): Instant[] {
  const durationMs = wanted.end - wanted.start
  const starts: Instant[] = []
  const last = wanted.start + LATER_WINDOW_MS
  for (let at = wanted.start + GRID_MS; at <= last && starts.length < MAX_LATER; at += GRID_MS) {
    const meets = busy.some((span) => span.start < at + durationMs + afterMs && at - beforeMs < span.end)
    if (meets) continue
    starts.push(at as Instant)
    // A second one that says the same a quarter of an hour later helps nobody.
    at += durationMs - GRID_MS
  }
  return starts
}

function marginMs(rooms: readonly RoomFacts[], side: 'bufferBeforeMinutes' | 'bufferAfterMinutes'): number {
  return Math.max(0, ...rooms.map((room) => room.bookingRules[side] ?? 0)) * MINUTE_MS
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
