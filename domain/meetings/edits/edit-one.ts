import { type Refusal, refuse } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import type { Instant } from '../../time/instant.ts'
import { type Edit, type Edited, stillNamed } from './edit-all.ts'
import { BOUNDS, type Occurrence, type Override, type Participant } from '../meeting.ts'
import { lookOf, statusOf } from '../occurrence-look.ts'
import { momentOf, wrongTime } from '../plan-schedule.ts'
import type { MeetingAggregate } from '../ports.ts'
import { endOf, isStartOfDay, placed, slotOf, zoneOf } from '../series-times.ts'

/**
 * Scope `this` (CONTRACT.md): what one occurrence has otherwise than its series. It keeps its recurrence id when it moves, and
 * what it is given back as its series has it is no exception any more. Pure. Refuses with `invalid_time`, `too_large` or
 * `invalid_input`: a rule, a zone and whole days belong to the series.
 */
export function editOne(
  before: MeetingAggregate,
  occurrence: Occurrence,
  edit: Edit,
  { now, invited }: { now: Instant; invited: readonly Participant[] | undefined },
): Result<Edited, Refusal> {
  const misplaced = belongsToSeries(before, edit)
  if (misplaced !== undefined) return err(misplaced)
  const times = timesAfter(before, occurrence, edit)
  if (!times.ok) return times
  const override = trimmed({
    ...textsAfter(before, occurrence, edit),
    ...times.value,
    ...peopleAfter(before, occurrence, invited),
  })
  const { meeting } = before
  const slot = placed(meeting, occurrence.recurrenceId, override)
  const isRetried = slot.start !== occurrence.start || slot.end !== occurrence.end || edit.roomIds !== undefined
  const edited = { ...slot, override, status: statusOf(meeting, { ...occurrence, override }, isRetried) }
  const others = before.occurrences.filter((one) => one.recurrenceId !== occurrence.recurrenceId)
  const occurrences = [...others, edited].toSorted((a, b) => a.start - b.start)
  const known = new Map([...before.participants, ...(invited ?? []).map(onlyHere(before))].map((p) => [p.id, p]))
  return ok({
    aggregate: {
      meeting: { ...meeting, version: meeting.version + 1, updatedAt: now },
      participants: stillNamed([...known.values()], undefined, occurrences),
      occurrences,
    },
    warnings: [],
  })
}

function belongsToSeries({ meeting }: MeetingAggregate, edit: Edit): Refusal | undefined {
  if (edit.timezone !== undefined && edit.timezone !== meeting.timezone) {
    return wrongTime('timezone', `${edit.timezone} differs from the meeting's time zone ${meeting.timezone}.`)
  }
  const field =
    edit.recurrencePattern !== undefined
      ? 'recurrencePattern'
      : edit.allDay !== undefined && edit.allDay !== meeting.allDay
        ? 'allDay'
        : undefined
  if (field === undefined) return undefined
  const detail = `${field} belongs to the whole series: use scope all or following.`
  return refuse('invalid_input', detail, { errors: [{ pointer: `/${field}`, detail }] })
}

type Own<K extends keyof Override> = { [P in K]: Override[P] | undefined }

/** Moved, it has all of its time of its own; with another end only, just its length. */
function timesAfter(
  { meeting }: MeetingAggregate,
  { recurrenceId, start, end, override }: Occurrence,
  { startTime, endTime }: Edit,
): Result<Own<'start' | 'durationMs'>, Refusal> {
  if (startTime === undefined && endTime === undefined) {
    return ok({ start: override?.start, durationMs: override?.durationMs })
  }
  const zone = zoneOf(meeting)
  const starts = startTime ? momentOf(startTime, zone, 'startTime') : ok({ at: start })
  if (!starts.ok) return starts
  const lasting = endOf(zone, meeting.allDay, starts.value.at, end - start)
  const ends = endTime ? momentOf(endTime, zone, 'endTime') : ok({ at: lasting })
  if (!ends.ok) return ends
  const durationMs = ends.value.at - starts.value.at
  if (durationMs <= 0) return err(wrongTime('endTime', 'The end must be after the start.'))
  if (durationMs > BOUNDS.durationMs) return err(refuse('too_large', 'A meeting lasts at most 14 days.'))
  if (meeting.allDay && ![starts.value.at, ends.value.at].every((at) => isStartOfDay(zone, at))) {
    return err(
      wrongTime(
        startTime ? 'startTime' : 'endTime',
        'An all-day meeting begins and ends at midnight in its time zone.',
      ),
    )
  }
  const slot = slotOf(meeting, recurrenceId)
  const isMoved = starts.value.at !== slot.start
  const isAsLong = ends.value.at === slot.end
  return ok({
    start: isMoved ? starts.value.at : undefined,
    durationMs: isMoved || !isAsLong ? durationMs : undefined,
  })
}

/** Of each property: what is given, where it is another one than the series has; otherwise what stood. */
function textsAfter(before: MeetingAggregate, occurrence: Occurrence, edit: Edit): Override {
  const { meeting } = before
  const look = lookOf(before, occurrence)
  const own: Override = { ...occurrence.override }
  const set = <K extends 'title' | 'description' | 'visibility' | 'metadata' | 'status' | 'roomIds'>(
    name: K,
    given: Override[K] | undefined,
    is: unknown,
    series: unknown,
  ) => {
    if (given === undefined || isSame(given, is)) return
    if (isSame(given, series)) delete own[name]
    else own[name] = given
  }
  set('title', edit.title, look.title, meeting.title)
  set('description', edit.description, look.description, meeting.description)
  set('visibility', edit.visibility, look.visibility, meeting.visibility)
  set('metadata', edit.metadata as object, look.metadata, meeting.metadata)
  set('status', edit.status, own.status ?? meeting.status, meeting.status)
  set('roomIds', edit.roomIds && [...new Set(edit.roomIds)], look.roomIds, meeting.roomIds)
  return own
}

/** The list of its own, unless it is the series'. Answers of who is not invited any more go with him. */
function peopleAfter(
  before: MeetingAggregate,
  { override }: Occurrence,
  invited: readonly Participant[] | undefined,
): Pick<Own<'participants' | 'answers'>, 'participants' | 'answers'> {
  if (invited === undefined) return { participants: override?.participants, answers: override?.answers }
  const named = (list: readonly Participant[]) =>
    list.map(({ id, role }) => ({ id, role })).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const given = named(invited)
  const isSeries = isSame(given, named(before.participants.filter((p) => p.inSeries)))
  const ids = new Set(given.map(({ id }) => id))
  const answers = Object.entries(override?.answers ?? {}).filter(([id]) => ids.has(id))
  return {
    participants: isSeries ? undefined : given,
    answers: answers.length === 0 ? undefined : Object.fromEntries(answers),
  }
}

/** Who is new is invited here and nowhere else; who was there stays in the series as he was. */
function onlyHere({ participants }: MeetingAggregate): (participant: Participant) => Participant {
  const known = new Map(participants.map((p) => [p.id, p]))
  return (p) => known.get(p.id) ?? { ...p, inSeries: false }
}

function trimmed(override: { [K in keyof Override]: Override[K] | undefined }): Override | null {
  const kept = Object.entries(override).filter(([, value]) => value !== undefined)
  return kept.length === 0 ? null : Object.fromEntries(kept)
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
