import { formatInstant } from '../time/iso.ts'
import type { Instant, Interval } from '../time/instant.ts'
import { zoneOrUtc } from '../time/zone.ts'
import { gridOver, spansOf } from './bitmap.ts'
import { blocksOf } from './busy-blocks.ts'
import { blockedBits } from './person-time.ts'
import {
  type Hours,
  type PersonFacts,
  type RoomTimeFacts,
  type SubjectFacts,
  type Viewer,
  standingHolds,
} from './subject-facts.ts'
import { workBits } from './work-time.ts'

/** What takes time, to everybody who may know of the person or room. The first of the list stands where several overlap. */
export const ENTRY_KINDS = ['busy', 'external', 'absent', 'hold', 'tentative', 'blocked'] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** One person's or room's time in a window, as a standing query tells it. */
export interface SubjectEntry {
  id: string
  kind: 'person' | 'room'
  timezone: string | undefined
  /** In order, none overlapping, none touching another of its kind. */
  busy: (Interval & { status: EntryKind })[]
  /** null: a room keeps no hours. */
  working: readonly Interval[] | null
  /** Each calendar he has connected elsewhere. What is ours is followed live. */
  sources: { source: 'calendar'; freshAsOf: Instant | null }[]
}

export function subjectEntry(facts: SubjectFacts, window: Interval, viewer: Viewer): SubjectEntry {
  if (facts.kind === 'room') {
    const busy = blocksOf(roomSpans(facts, viewer), window, ENTRY_KINDS)
    return { id: facts.id, kind: 'room', timezone: undefined, busy, working: null, sources: [] }
  }
  return {
    id: facts.id,
    kind: 'person',
    timezone: facts.hours.timezone,
    busy: blocksOf(personSpans(facts, window, viewer), window, ENTRY_KINDS),
    working: workingSpans(facts.hours, window),
    sources: facts.calendars.map((freshAsOf) => ({ source: 'calendar', freshAsOf })),
  }
}

/** On the wire: an entry, or of a delta what it says. */
export function entryView({ id, kind, ...entry }: Pick<SubjectEntry, 'id' | 'kind'> & Partial<SubjectEntry>) {
  const { timezone, busy, working, sources } = entry
  return {
    id,
    kind,
    ...(timezone !== undefined && { timezone }),
    ...(busy && { busy: busy.map(({ status, ...span }) => ({ ...spanView(span), kind: status })) }),
    ...(working !== undefined && { working: working && working.map(spanView) }),
    ...(sources && {
      sources: sources.map(({ source, freshAsOf }) => ({ source, freshAsOf: freshAsOf && formatInstant(freshAsOf) })),
    }),
  }
}

function spanView({ start, end }: Interval) {
  return { start: formatInstant(start), end: formatInstant(end) }
}

type EntrySpan = SubjectEntry['busy'][number]

/** A buffer is taken like the meeting it belongs to, though nobody sits there. */
function roomSpans(facts: RoomTimeFacts, viewer: Viewer): EntrySpan[] {
  const withBuffers = (span: Interval & { blocked: Interval }, status: EntryKind): EntrySpan[] => [
    { start: span.start, end: span.end, status },
    { ...span.blocked, status: 'blocked' },
  ]
  return [
    ...facts.spans.flatMap((span) => withBuffers(span, 'busy')),
    ...standingHolds(facts, viewer).flatMap((span) => withBuffers(span, 'hold')),
  ]
}

function personSpans(facts: PersonFacts, window: Interval, viewer: Viewer): EntrySpan[] {
  const kindOf = ({ source, isTentative }: PersonFacts['spans'][number]): EntryKind =>
    isTentative ? 'tentative' : source === 'external' ? 'external' : 'busy'
  return [
    ...facts.spans.map((span) => ({ start: span.start, end: span.end, status: kindOf(span) })),
    ...facts.absences.map(({ start, end }) => ({ start, end, status: 'absent' as const })),
    ...standingHolds(facts, viewer).map(({ start, end }) => ({ start, end, status: 'hold' as const })),
    ...keptFree(facts, window),
  ]
}

/** His buffers, and days that have their number of meetings: where nothing more is offered. */
function keptFree(facts: PersonFacts, window: Interval): EntrySpan[] {
  const { bufferBeforeMinutes = 0, bufferAfterMinutes = 0, meetingsPerDay } = facts.rules
  if (bufferBeforeMinutes === 0 && bufferAfterMinutes === 0 && meetingsPerDay === undefined) return []
  const grid = gridOver(window)
  const blocked = blockedBits(grid, { ...takenOf(facts), zone: zoneOrUtc(facts.hours.timezone) })
  return spansOf(blocked, grid, window).map((span) => ({ ...span, status: 'blocked' as const }))
}

/** Starts and ends in turn, as `blockedBits` takes them. */
export function takenOf({ spans, rules, absences }: Pick<PersonFacts, 'spans' | 'rules' | 'absences'>) {
  const of = (source: string) =>
    spans.filter((span) => span.source === source).flatMap(({ start, end }) => [start, end])
  return { rules, absences, meetings: of('meeting'), external: of('external') }
}

/** Windows that are looked at together are few; more of them are made anew. */
const MAX_WINDOWS = 64
const known = new WeakMap<Hours, Map<string, readonly Interval[]>>()

function workingSpans(hours: Hours, window: Interval): readonly Interval[] {
  let spans = known.get(hours)
  if (spans === undefined || spans.size > MAX_WINDOWS) known.set(hours, (spans = new Map()))
  const key = `${window.start} ${window.end}`
  const made = spans.get(key) ?? makeWorkingSpans(hours, window)
  spans.set(key, made)
  return made
}

function makeWorkingSpans(hours: Hours, window: Interval): readonly Interval[] {
  const grid = gridOver(window)
  const { weekly, dates } = hours
  return spansOf(
    workBits(grid, { zone: zoneOrUtc(hours.timezone), weekly, dates, holidays: new Set(hours.holidays) }),
    grid,
    window,
  )
}
