import { lastInstance } from '../../recurrence/expand.ts'
import { type Rule, formatRule } from '../../recurrence/rule.ts'
import { OVER, RuleWalk } from '../../recurrence/rule-walk.ts'
import { type Instant, SECOND_MS, plus } from '../../time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../../time/local-time.ts'
import type { Meeting, Occurrence } from '../meeting.ts'
import { lookOf } from '../occurrence-look.ts'
import type { MeetingAggregate } from '../ports.ts'
import { endOf, recurrenceOf, zoneOf } from '../series-times.ts'

/**
 * The series ended before that occurrence (CONTRACT.md, Scopes: `following`): a COUNT becomes what was counted, any other
 * rule gets an UNTIL that says it was made here. `R` is compared with recurrence ids, never with moved times. What was cancelled
 * by itself from there on goes too, unless `keepsCancelled`: a longer rule must not bring it back. Pure.
 */
export function endBefore(
  { meeting, participants, occurrences }: MeetingAggregate,
  R: LocalTime,
  { now, keepsCancelled }: { now: Instant; keepsCancelled: boolean },
): MeetingAggregate {
  const set = recurrenceOf(meeting)
  const at = set.zone.instantOf(wallMs(R))
  const rdates = meeting.rdates.filter((local) => local < R)
  return {
    meeting: {
      ...meeting,
      ...(set.rule &&
        (R < meeting.localStart ? datesAlone(meeting, set.rule, rdates) : endedRule(meeting, set.rule, R, rdates))),
      materialisedUntil: at <= meeting.materialisedUntil ? (Infinity as Instant) : meeting.materialisedUntil,
      version: meeting.version + 1,
      updatedAt: now,
    },
    participants,
    occurrences: occurrences.filter(
      ({ recurrenceId, override }) => recurrenceId < R || (keepsCancelled && override?.cancelled === true),
    ),
  }
}

type Ended = Pick<Meeting, 'rrule' | 'endsBySplit' | 'rdates'> & Partial<Pick<Meeting, 'localStart' | 'start' | 'end'>>

function endedRule(meeting: Meeting, rule: Rule, R: LocalTime, rdates: LocalTime[]): Ended {
  const ended = endRule(meeting, rule, R)
  const endsBySplit = ended.isNew ? ended.rule.until !== null : meeting.endsBySplit
  return { rrule: formatRule(ended.rule), endsBySplit, rdates }
}

/** It ends before its rule's first instance: what is left are dates of their own, and it begins with the first of them. */
function datesAlone(meeting: Meeting, rule: Rule, [first, ...rdates]: LocalTime[]): Ended {
  const localStart = first ?? meeting.localStart
  return { ...beginningAt(meeting, localStart), rrule: formatRule(once(rule)), endsBySplit: false, rdates }
}

function beginningAt(meeting: Meeting, localStart: LocalTime): Pick<Meeting, 'localStart' | 'start' | 'end'> {
  const zone = zoneOf(meeting)
  const start = plus(zone.instantOf(wallMs(localStart)), meeting.start % SECOND_MS)
  return { localStart, start, end: endOf(zone, meeting.allDay, start, meeting.end - meeting.start) }
}

function endRule(meeting: Meeting, rule: Rule, R: LocalTime): { rule: Rule; isNew: boolean } {
  const set = recurrenceOf(meeting)
  if (rule.count !== null) {
    const count = countBefore(rule, meeting.localStart, R)
    return { rule: { ...rule, count }, isNew: count !== rule.count }
  }
  const before = plus(set.zone.instantOf(wallMs(R)), -SECOND_MS)
  // It ended before anyway: what follows are dates of their own.
  if (rule.until !== null && rule.until <= before) return { rule, isNew: false }
  const last = lastInstance({ ...set, rule: { ...rule, until: before }, exdates: [], rdates: [] })
  return { rule: { ...rule, until: last?.start ?? before }, isNew: true }
}

/**
 * What a series is from that occurrence on, as a meeting of its own that is not booked yet: with what is left of COUNT or the
 * same UNTIL, and every exception. Rooms that occurrences gave back (`isGivenBack`) are none of theirs any more. Pure.
 */
export function startingAt(
  { meeting, participants, occurrences }: MeetingAggregate,
  R: LocalTime,
  {
    id,
    now,
    isGivenBack,
  }: { id: string; now: Instant; isGivenBack: (roomId: string, occurrence: Occurrence) => boolean },
): MeetingAggregate {
  const rest = restOf(meeting, R)
  return {
    meeting: {
      ...meeting,
      ...rest,
      ...beginningAt(meeting, rest.localStart),
      id,
      exdates: meeting.exdates.filter((local) => local >= R),
      rdates: meeting.rdates.filter((local) => local >= R && local !== rest.localStart),
      splitFrom: { meetingId: meeting.id, recurrenceId: R },
      version: 0,
      textRevision: 1,
      createdAt: now,
      updatedAt: now,
    },
    participants,
    occurrences: occurrences
      .filter(({ recurrenceId }) => recurrenceId >= R)
      .map((one) => {
        const { roomIds } = lookOf({ meeting, participants }, one)
        const left = roomIds.filter((roomId) => !isGivenBack(roomId, one))
        return left.length === roomIds.length ? one : { ...one, override: { ...one.override, roomIds: left } }
      }),
  }
}

/** Its first instance by rule, and the rule from there on. After the last one only dates of their own are left. */
function restOf(meeting: Meeting, R: LocalTime): Pick<Meeting, 'localStart' | 'rrule'> {
  const { rule } = recurrenceOf(meeting)
  if (rule === null) return { localStart: R, rrule: meeting.rrule }
  const count = rule.count === null ? null : rule.count - countBefore(rule, meeting.localStart, R)
  const first = firstFrom(meeting, rule, R)
  if (first === undefined || count === 0) {
    return { localStart: R, rrule: formatRule(once(rule)) }
  }
  return { localStart: first, rrule: formatRule({ ...rule, count }) }
}

/** The rule of which nothing is left: its start and no more. */
function once(rule: Rule): Rule {
  const days = { byMonth: [], byWeekNo: [], byYearDay: [], byMonthDay: [], byDay: [] }
  return { ...rule, ...days, byHour: [], byMinute: [], bySetPos: [], count: 1, until: null }
}

function firstFrom({ localStart, timezone }: Meeting, rule: Rule, R: LocalTime): LocalTime | undefined {
  const wall = new RuleWalk(rule, localStart, wallMs(R), Infinity).next()
  if (wall === OVER) return undefined
  return rule.until !== null && zoneOf({ timezone }).instantOf(wall) > rule.until ? undefined : localTimeOf(wall)
}

function countBefore(rule: Rule, start: LocalTime, R: LocalTime): number {
  const walk = new RuleWalk(rule, start, wallMs(start), wallMs(R) - 1)
  let count = 0
  while (walk.next() !== OVER) count++
  return count
}
