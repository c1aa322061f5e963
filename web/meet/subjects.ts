import type { Span } from './day-axis.ts'
import { meets } from './day-axis.ts'
import type {
  AvailabilityDelta,
  AvailabilityText,
  BusyKind,
  SourceText,
  SubjectDelta,
  SubjectText,
  Verdict,
  VerdictWord,
} from './shapes.ts'

export interface BusySpan extends Span {
  kind: BusyKind
}

/** What is known of one person's or room's time. */
export interface Subject {
  id: string
  kind: 'person' | 'room'
  zone: string | undefined
  busy: readonly BusySpan[]
  working: readonly Span[] | null
  sources: readonly SourceText[]
}

export type Subjects = ReadonlyMap<string, Subject>

export function subjectsOf({ subjects }: AvailabilityText): Subjects {
  return new Map(subjects.map((subject) => [subject.id, subjectOf(subject)]))
}

/** Those who have not changed stay the same objects, so that nothing is drawn anew for them. */
export function foldSubjects(before: Subjects, { subjects }: AvailabilityDelta): Subjects {
  const after = new Map(before)
  for (const delta of subjects) {
    const known = before.get(delta.id)
    if (known !== undefined) after.set(delta.id, merged(known, delta))
  }
  return after
}

function subjectOf({ id, kind, timezone, busy, working, sources }: SubjectText): Subject {
  return { id, kind, zone: timezone, busy: busy.map(busySpanOf), working: working?.map(spanOf) ?? null, sources }
}

function merged(known: Subject, { timezone, window, busy, working, sources }: SubjectDelta): Subject {
  const [from, to] = window === undefined ? [-Infinity, Infinity] : [Date.parse(window.from), Date.parse(window.to)]
  return {
    ...known,
    ...(timezone !== undefined && { zone: timezone }),
    ...(busy && {
      busy: [
        ...known.busy.filter(({ end }) => end <= from),
        ...busy.map(busySpanOf),
        ...known.busy.filter(({ start }) => start >= to),
      ],
    }),
    ...(working !== undefined && { working: working?.map(spanOf) ?? null }),
    ...(sources && { sources }),
  }
}

function busySpanOf(span: SubjectText['busy'][number]): BusySpan {
  return { ...spanOf(span), kind: span.kind }
}

export function spanOf({ start, end }: { start: string; end: string }): Span {
  return { start: Date.parse(start), end: Date.parse(end) }
}

/**
 * What is in the way of a span, as far as this page knows: shown while the block moves, until the server has judged that very
 * span. The server alone decides.
 */
export function judge(subject: Subject | undefined, span: Span): VerdictWord {
  if (subject === undefined) return 'unknown'
  const kinds = new Set(subject.busy.filter((busy) => meets(busy, span)).map(({ kind }) => kind))
  for (const [kind, word] of WORDS_OF_KINDS) if (kinds.has(kind)) return word
  return subject.working === null || isCovered(span, subject.working) ? 'free' : 'outside_hours'
}

/** The weightiest first. */
const WORDS_OF_KINDS: readonly [BusyKind, VerdictWord][] = [
  ['blocked', 'busy'],
  ['busy', 'busy'],
  ['external', 'busy'],
  ['absent', 'absent'],
  ['hold', 'hold'],
  ['tentative', 'tentative'],
]

/** Spans are in order of start; touching ones count as one. */
function isCovered({ start, end }: Span, spans: readonly Span[]): boolean {
  let reach = start
  for (const span of spans) if (span.start <= reach && span.end > reach) reach = span.end
  return reach >= end
}

/** How many are free in one column. */
export interface FreeCount {
  people: number
  /** Rooms included. */
  isAll: boolean
}

/** `isOneRoomEnough`: of several rooms; otherwise all must be free. */
export function freeCounts(
  subjects: readonly Subject[],
  columns: readonly number[],
  stepMs: number,
  isOneRoomEnough = false,
): FreeCount[] {
  const wanted = peopleAndRooms(subjects)
  const rooms = isOneRoomEnough ? Math.min(1, wanted.rooms) : wanted.rooms
  return columns.map((start) => {
    const free = peopleAndRooms(subjects.filter((subject) => judge(subject, { start, end: start + stepMs }) === 'free'))
    const isAll = subjects.length > 0 && free.people === wanted.people && free.rooms >= rooms
    return { people: free.people, isAll }
  })
}

function peopleAndRooms(subjects: readonly Subject[]): { people: number; rooms: number } {
  const people = subjects.filter(({ kind }) => kind === 'person').length
  return { people, rooms: subjects.length - people }
}

/** 0 (nobody) to 4 (everybody, and every room). */
export function levelOf({ people, isAll }: FreeCount, total: number): number {
  if (isAll) return 4
  return total === 0 ? 0 : Math.ceil((3 * people) / total)
}

export const VERDICT_WORDS: Record<VerdictWord, string> = {
  free: 'free',
  busy: 'busy',
  tentative: 'perhaps busy',
  hold: 'held by somebody',
  outside_hours: 'outside hours',
  absent: 'away',
  rule: 'not allowed',
  unknown: 'not known',
}

export const KIND_WORDS: Record<BusyKind, string> = {
  busy: 'Busy',
  tentative: 'Tentative',
  hold: 'Held',
  external: 'Other calendar',
  absent: 'Away',
  blocked: 'Kept free',
}

/** `Free for all 3`, or who is not free: what the live region says and the block's label. */
export function summaryOf(verdicts: readonly Verdict[], nameOf: (id: string) => string): string {
  const against = verdicts.filter(({ verdict }) => verdict !== 'free')
  if (against.length === 0) return verdicts.length === 1 ? 'Free.' : `Free for all ${verdicts.length}.`
  const named = against.slice(0, MAX_NAMED).map((verdict) => `${nameOf(verdict.id)} ${wordsOf(verdict)}`)
  const more = against.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

/** Which rule it is says more than that there is one. */
function wordsOf({ verdict, reason }: Verdict): string {
  return verdict === 'rule' && reason !== '' ? `(${reason.replace(/[.]$/, '')})` : VERDICT_WORDS[verdict]
}

/** More names than this nobody listens to. */
const MAX_NAMED = 4
