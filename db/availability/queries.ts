import type { Pool } from 'pg'
import { spansOf } from '../../domain/availability/bitmap.ts'
import { BUSY_KINDS, type BusyBlock, busyBlocks } from '../../domain/availability/busy-blocks.ts'
import type { TimePiece } from '../../domain/availability/time-pieces.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import type { Instant, Interval } from '../../domain/time/instant.ts'
import { readOnly } from '../transaction.ts'
import { type EntriesWanted, type Entry, type Subjects, readEntries } from './entries.ts'
import { type CalendarFreshness, type PeopleTime, type PersonTime, readPeopleTime } from './people-time.ts'

/** Entries of one answer, all subjects together. */
const MAX_ENTRIES = 50_000

export interface SubjectTime {
  userId?: string
  roomId?: string
  /** Of a person. */
  timezone?: string
}

/** `blocked`: a room that is not in use, all the time that was asked for. */
export const FREE_BUSY_KINDS = [...BUSY_KINDS, 'blocked'] as const

export interface FreeBusy {
  subjects: (SubjectTime & { busy: (Interval & { status: (typeof FREE_BUSY_KINDS)[number] })[] })[]
  calendars: CalendarFreshness[]
}

export interface Overlay {
  subjects: (SubjectTime & { working?: Interval[]; entries: Entry[] })[]
  calendars: CalendarFreshness[]
}

/** When these people and rooms are taken, and by what kind of thing; nothing of what it is. Refuses with `not_found`, `too_large`. */
export async function freeBusyOf(
  pool: Pool,
  actor: Actor,
  asked: Subjects,
  window: Interval,
  now: Instant,
): Promise<Result<FreeBusy, Refusal>> {
  const read = await readSubjects(pool, actor, asked, window, { now, isWhole: false })
  if (!read.ok) return read
  const { time, entriesOf } = read.value
  const blocksOf = (id: string) => {
    const taken = entriesOf(id).filter(({ busy }) => busy)
    if (taken.some(({ kind }) => kind === 'blackout')) return [{ ...window, status: 'blocked' as const }]
    return busyBlocks(
      taken.map((entry) => ({ ...entry.blocked, status: kindOf(entry) })),
      window,
    )
  }
  const people = time.people.map(({ userId, timezone }) => ({ userId, timezone, busy: blocksOf(userId) }))
  const rooms = asked.roomIds.map((roomId) => ({ roomId, busy: blocksOf(roomId) }))
  return ok({ subjects: [...people, ...rooms], calendars: time.calendars })
}

/** Their calendars side by side, with content where the viewer has the right to it. Refuses with `not_found`, `too_large`. */
export async function overlayOf(
  pool: Pool,
  actor: Actor,
  asked: Subjects,
  window: Interval,
  now: Instant,
): Promise<Result<Overlay, Refusal>> {
  const read = await readSubjects(pool, actor, asked, window, { now, isWhole: true })
  if (!read.ok) return read
  const { time, entriesOf } = read.value
  const people = time.people.map((person) => ({
    userId: person.userId,
    timezone: person.timezone,
    working: workingSpans(person, window),
    entries: entriesOf(person.userId),
  }))
  const rooms = asked.roomIds.map((roomId) => ({ roomId, entries: entriesOf(roomId) }))
  return ok({ subjects: [...people, ...rooms], calendars: time.calendars })
}

interface SubjectsRead {
  time: PeopleTime
  /** By start. */
  entriesOf: (id: string) => Entry[]
}

async function readSubjects(
  pool: Pool,
  actor: Actor,
  asked: Subjects,
  window: Interval,
  { now, isWhole }: Pick<EntriesWanted, 'now' | 'isWhole'>,
): Promise<Result<SubjectsRead, Refusal>> {
  if (!maySee(actor, asked)) return err(refuse('not_found'))
  const [time, { entries, rooms }] = await Promise.all([
    readPeopleTime(pool, actor, asked.userIds, window, now),
    readOnly(pool, actor.organizationId, (tx) =>
      tx.last(async () => {
        const [found, known] = await Promise.all([
          readEntries(tx, actor, asked, window, { now, limit: MAX_ENTRIES + 1, isWhole }),
          tx.query<RoomRow>('rooms-known', ROOMS_KNOWN, [tx.organizationId, asked.roomIds]),
        ])
        return { entries: [...closures(known.rows, window), ...found], rooms: known.rows.length }
      }),
    ),
  ])
  if (time.people.length < asked.userIds.length || rooms !== asked.roomIds.length) return err(refuse('not_found'))
  if (entries.length > MAX_ENTRIES) {
    return err(refuse('too_large', `One answer has at most ${MAX_ENTRIES} entries: ask for fewer people or less time.`))
  }
  const byStart = entries.toSorted((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1))
  const bySubject = Map.groupBy(byStart, ({ subjectId }) => subjectId)
  return ok({ time, entriesOf: (id) => bySubject.get(id) ?? [] })
}

interface RoomRow {
  id: string
  is_active: boolean
}

function closures(rooms: readonly RoomRow[], window: Interval): Entry[] {
  const closed = rooms.filter((room) => !room.is_active)
  const entry = {
    kind: 'blackout',
    ...window,
    blocked: window,
    status: 'confirmed',
    allDay: false,
    busy: true,
  } as const
  return closed.map(({ id }) => ({ ...entry, subjectId: id, id }))
}

const ROOMS_KNOWN = 'SELECT id, is_active FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[])'

/** Whether this viewer may know of all of them. */
export function maySee(actor: Actor, { userIds, roomIds }: Subjects): boolean {
  return (
    userIds.every((userId) => can(actor, 'read', { kind: 'user', userId })) &&
    roomIds.every((roomId) => can(actor, 'read', { kind: 'room', roomId }))
  )
}

function kindOf({ kind, status, response }: Entry): BusyBlock['status'] {
  if (kind === 'absence') return 'absent'
  if (kind === 'hold') return 'held'
  return status === 'tentative' || response === 'tentative' ? 'tentative' : 'busy'
}

function workingSpans({ pieces }: PersonTime, window: Interval): Interval[] {
  const spans = pieces.flatMap((piece: TimePiece) => spansOf(piece.working, piece.grid, window))
  const joined: Interval[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    if (last?.end === span.start) last.end = span.end
    else joined.push({ ...span })
  }
  return joined
}
