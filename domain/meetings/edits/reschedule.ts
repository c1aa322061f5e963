import { expand, lastInstance } from '../../recurrence/expand.ts'
import { parseRule } from '../../recurrence/parse-rule.ts'
import { formatRule } from '../../recurrence/rule.ts'
import { shiftRule } from '../../recurrence/shift-rule.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { type Result, err, ok } from '../../result.ts'
import { type Instant, instant } from '../../time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../../time/local-time.ts'
import { type Zone, findZone } from '../../time/zone.ts'
import type { Meeting, Occurrence, Slot } from '../meeting.ts'
import { isException } from '../occurrence-look.ts'
import {
  type Moment,
  type RecurrenceInput,
  type Schedule,
  type TimeInput,
  momentOf,
  planFrom,
} from '../plan-schedule.ts'
import type { MeetingAggregate } from '../ports.ts'
import { endOf, givenAt, instanceOf, isWholeDays, placed, recurrenceOf, zoneOf } from '../series-times.ts'

/** Any part of when a meeting is. `recurrencePattern: null` makes a series a single meeting. */
export interface TimeChange {
  startTime?: TimeInput | undefined
  endTime?: TimeInput | undefined
  timezone?: string | undefined
  recurrencePattern?: RecurrenceInput | null | undefined
  allDay?: boolean | undefined
}

export interface Rescheduled extends Omit<Schedule, 'slots'> {
  endsBySplit: boolean
  /** What the series gives up to the horizon and every occurrence with something of its own; `status` is still as it was. */
  occurrences: Occurrence[]
  warnings: string[]
}

export function changesTime({ startTime, endTime, timezone, recurrencePattern, allDay }: TimeChange): boolean {
  return [startTime, endTime, timezone, recurrencePattern, allDay].some((part) => part !== undefined)
}

/**
 * Moves a whole meeting (CONTRACT.md, Scopes: `all`): `startTime` alone keeps the duration, `timezone` alone keeps the wall
 * time, and every recurrence id shifts by the same local difference. What was cancelled by itself stays so for the life of the
 * meeting, also while its rule does not give it; other exceptions survive while the rule gives them, moved ones at their own
 * time. What is dropped, or stays cancelled without being given, is named in `warnings` after a new rule.
 *
 * `anchor`: the occurrence that the times are given for; the first one when absent.
 */
export function reschedule(
  before: MeetingAggregate,
  change: TimeChange,
  now: Instant,
  anchor?: Slot,
): Result<Rescheduled, Refusal> {
  const zone = findZone(change.timezone ?? before.meeting.timezone)
  if (zone === undefined) return err(refuse('invalid_timezone', `${change.timezone} is not an IANA time zone.`))
  const first = change.recurrencePattern === null ? firstLive(before) : undefined
  if (change.recurrencePattern === null && first === undefined) return err(nothingToKeep())
  const kept = first ? keptFirst(before.meeting, first) : keptOf(before, anchor)
  const allDay = change.allDay ?? (first ? isWholeDays(before.meeting, first) : before.meeting.allDay)
  const moved = movedTo(kept, { ...change, allDay }, zone, before.meeting)
  if (!moved.ok) return moved
  const shiftMs = wallMs(moved.value.localStart) - wallMs(kept.localStart)
  const isItself = anchor === undefined || change.recurrencePattern === null
  const moment = isItself ? moved.value : beginning(before.meeting, moved.value, shiftMs, zone, allDay)
  const recurrence = recurrenceAfter(before.meeting, change, shiftMs, zone)
  if (!recurrence.ok) return recurrence
  const schedule = planFrom(zone, moment, recurrence.value, now, allDay)
  if (!schedule.ok) return schedule
  const { slots, ...times } = schedule.value
  const endsBySplit = before.meeting.endsBySplit && isSameRule(before.meeting, change)
  const meeting = { ...before.meeting, ...times }
  const { occurrences, warnings } =
    times.rrule === null
      ? singleAmong(before, { ...kept, ...moment }, shift(kept.recurrenceId, shiftMs), shiftMs, meeting)
      : merged(before, meeting, slots, shiftMs)
  return ok({ ...times, endsBySplit, occurrences, warnings: change.recurrencePattern ? warnings : dropped(warnings) })
}

/** What the times of a change are said against. */
interface Kept extends Moment {
  /** The identity of that occurrence; another one than its local start where a single meeting remained of a series. */
  recurrenceId: LocalTime
}

function keptOf({ meeting, occurrences }: MeetingAggregate, anchor: Slot | undefined): Kept {
  if (anchor !== undefined) return { ...anchor, localStart: anchor.recurrenceId }
  const only = meeting.rrule === null ? occurrences.find((one) => one.override?.cancelled !== true) : undefined
  return { ...meeting, recurrenceId: only?.recurrenceId ?? meeting.localStart }
}

/** The first occurrence that takes place, as it is: in a series that may be one that has no row yet. */
export function firstLive({ meeting, occurrences }: MeetingAggregate): Occurrence | undefined {
  // Of a cancelled meeting no row is live, and yet it is to be judged by what it was.
  const standing = occurrences.filter(({ status, override }) => override?.cancelled !== true && status !== 'conflicted')
  const next = Number.isFinite(meeting.materialisedUntil) ? firstWithoutRow(meeting, occurrences) : undefined
  const all = next === undefined ? standing : [...standing, next]
  return all.toSorted((a, b) => a.start - b.start || wallMs(a.recurrenceId) - wallMs(b.recurrenceId))[0]
}

function firstWithoutRow(meeting: Meeting, occurrences: readonly Occurrence[]): Occurrence | undefined {
  const known = new Set(occurrences.map(({ recurrenceId }) => recurrenceId))
  const [next] = expand(recurrenceOf(meeting), meeting.materialisedUntil, instant(Infinity), known.size + 1).filter(
    ({ recurrenceId }) => !known.has(recurrenceId),
  )
  return next && givenAt(meeting, next.recurrenceId)
}

function nothingToKeep(): Refusal {
  const detail = 'No occurrence is left that could be kept: restore one first.'
  return refuse('invalid_recurrence', detail, { errors: [{ pointer: '/recurrencePattern', detail }] })
}

function keptFirst(meeting: Meeting, { recurrenceId, start, end, override }: Occurrence): Kept {
  const isMoved = override?.start !== undefined
  return {
    recurrenceId,
    start,
    end,
    localStart: isMoved
      ? localTimeOf(zoneOf(meeting).wallAt(start))
      : meeting.rrule === null
        ? meeting.localStart
        : recurrenceId,
  }
}

function movedTo(
  kept: Moment,
  change: TimeChange & { allDay: boolean },
  zone: Zone,
  { timezone: zoneBefore }: Meeting,
): Result<Moment, Refusal> {
  const start = startAfter(kept, change.startTime, zone, zone.name === zoneBefore)
  if (!start.ok) return start
  const { at, local } = start.value
  // The clock shows 01:00 where it leaves midnight out; the day is meant.
  const localStart =
    change.allDay && 'instant' in (change.startTime ?? {}) ? (`${local.slice(0, 8)}T000000` as LocalTime) : local
  const lasting = endOf(zone, change.allDay, at, kept.end - kept.start)
  const end = change.endTime ? momentOf(change.endTime, zone, 'endTime') : ok({ at: lasting })
  return end.ok ? ok({ start: at, localStart, end: end.value.at }) : end
}

function startAfter(kept: Moment, given: TimeInput | undefined, zone: Zone, isSameZone: boolean) {
  const standing = { at: kept.start, local: kept.localStart }
  if (given === undefined)
    return ok(isSameZone ? standing : { ...standing, at: zone.instantOf(wallMs(kept.localStart)) })
  // Who sends the start back as he got it moves nothing, also where a gap makes the clock show something else.
  if (isSameZone && 'instant' in given && given.instant === kept.start) return ok(standing)
  return momentOf(given, zone, 'startTime')
}

/** The beginning of a series one occurrence of which goes there. */
function beginning(meeting: Meeting, { start, end }: Moment, shiftMs: number, zone: Zone, allDay: boolean): Moment {
  const localStart = shift(meeting.localStart, shiftMs)
  const at = zone.instantOf(wallMs(localStart))
  return { localStart, start: at, end: endOf(zone, allDay, at, end - start) }
}

function recurrenceAfter(
  meeting: Meeting,
  change: TimeChange,
  shiftMs: number,
  zone: Zone,
): Result<RecurrenceInput | null, Refusal> {
  const { recurrencePattern } = change
  if (recurrencePattern === null || (recurrencePattern === undefined && meeting.rrule === null)) return ok(null)
  const exdates = recurrencePattern?.exdates ?? meeting.exdates.map((local) => shift(local, shiftMs))
  const rdates = recurrencePattern?.rdates ?? meeting.rdates.map((local) => shift(local, shiftMs))
  if (recurrencePattern !== undefined && !(meeting.endsBySplit && isSameRule(meeting, change))) {
    return ok({ rrule: recurrencePattern.rrule, exdates, rdates })
  }
  const { rule } = recurrenceOf(meeting)
  if (rule === null) return ok(null)
  const from = wallMs(meeting.localStart)
  const moved = shiftRule(rule, from, from + shiftMs)
  if (moved === undefined) {
    const detail = `The rule ${meeting.rrule} pins the time, and this move leaves open what it should become: send a new recurrencePattern.`
    return err(refuse('invalid_recurrence', detail, { errors: [{ pointer: '/recurrencePattern', detail }] }))
  }
  const until = meeting.endsBySplit && moved.until !== null ? splitEndAfter(meeting, shiftMs, zone) : moved.until
  return ok({ rrule: formatRule({ ...moved, until }), exdates, rdates })
}

/** No rule is given, or the one that stands is sent back. */
function isSameRule({ rrule }: Pick<Meeting, 'rrule'>, { recurrencePattern }: TimeChange): boolean {
  if (recurrencePattern === undefined) return true
  const given = recurrencePattern === null ? undefined : parseRule(recurrencePattern.rrule)
  return given?.ok === true && formatRule(given.value) === rrule
}

/** An end made by a split keeps its instances: UNTIL goes where the last of them goes. */
function splitEndAfter(meeting: Meeting, shiftMs: number, zone: Zone): Instant | null {
  const last = lastInstance({ ...recurrenceOf(meeting), exdates: [], rdates: [] })
  return last === undefined ? null : zone.instantOf(wallMs(last.recurrenceId) + shiftMs)
}

interface Merged {
  occurrences: Occurrence[]
  warnings: string[]
}

/** The slots of the new schedule with what stood there, and beside them what has something of its own beyond them. */
function merged(before: MeetingAggregate, meeting: Meeting, slots: readonly Slot[], shiftMs: number): Merged {
  const set = recurrenceOf(meeting)
  const standing = new Map(before.occurrences.map((one) => [shift(one.recurrenceId, shiftMs), one]))
  const warnings: string[] = []
  const occurrences = slots.map((slot): Occurrence => {
    const was = standing.get(slot.recurrenceId)
    standing.delete(slot.recurrenceId)
    const { status = meeting.status, override = null } = was ?? {}
    return { ...(override === null ? slot : placed(meeting, slot.recurrenceId, override)), status, override }
  })
  for (const [recurrenceId, { status, override }] of standing) {
    if (override === null) continue
    // Beyond the horizon the rule is asked one by one.
    const isGiven = instanceOf(set, recurrenceId) !== undefined
    if (isGiven || override.cancelled === true) {
      occurrences.push({ ...placed(meeting, recurrenceId, override), status, override })
    }
    if (!isGiven && isException({ override })) {
      warnings.push(override.cancelled === true ? staysCancelled(recurrenceId) : isDropped(recurrenceId))
    }
  }
  return { occurrences, warnings }
}

/** What is left of a series, or always was single, beside all that stays cancelled. */
function singleAmong(
  before: MeetingAggregate,
  kept: Kept,
  recurrenceId: LocalTime,
  shiftMs: number,
  meeting: Meeting,
): Merged {
  const was = before.occurrences.find((one) => one.recurrenceId === kept.recurrenceId)
  const { start, end } = kept
  // What becomes of a series has become the meeting's own (edit-all.ts); what always was single keeps its answers.
  const override = before.meeting.rrule === null ? (was?.override ?? null) : null
  const only: Occurrence = { recurrenceId, start, end, status: was?.status ?? meeting.status, override }
  const cancelled = before.occurrences
    .filter((one) => one.override?.cancelled === true)
    .map((one): Occurrence => ({ ...one, ...placed(meeting, shift(one.recurrenceId, shiftMs), one.override) }))
  const isGone = cancelled.some((one) => one.recurrenceId === recurrenceId)
  return { occurrences: isGone ? cancelled : [only, ...cancelled], warnings: [] }
}

const DROPPED = 'is not given any more: what it had of its own is dropped.'

function isDropped(recurrenceId: LocalTime): string {
  return `Occurrence ${recurrenceId} ${DROPPED}`
}

function staysCancelled(recurrenceId: LocalTime): string {
  return `The new rule gives no occurrence ${recurrenceId}; should a later one, it stays cancelled.`
}

/** Without a new rule, only what is lost is worth a word: a client's UNTIL, which keeps its instant, may cut it off. */
function dropped(warnings: readonly string[]): string[] {
  return warnings.filter((warning) => warning.endsWith(DROPPED))
}

function shift(local: LocalTime, shiftMs: number): LocalTime {
  return localTimeOf(wallMs(local) + shiftMs)
}
