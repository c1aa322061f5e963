import { DAY, DAY_MS, dayOf, idOf, instantOf, isMidnight, wallAt } from './clock.ts'
import { type Ending, type Rule, wallsFrom } from './rules.ts'

/**
 * What CONTRACT.md, Scopes, makes of edits of meetings, as plainly as it can be said and with none of the product's code.
 * What the series says of itself, and any one occurrence otherwise, is `Texts`.
 */
export interface Texts {
  title: string
  description: string
  visibility: 'organization' | 'participants' | 'busy_only'
  status: 'confirmed' | 'tentative'
  rooms: string[]
}
export const TEXTS = ['title', 'description', 'visibility', 'status', 'rooms'] as const satisfies (keyof Texts)[]

export type Response = 'needs_action' | 'accepted' | 'tentative' | 'declined'

/** By user id, or e-mail address of a guest; lists are sorted by it. */
export interface Invited {
  who: string
  role: 'required' | 'optional'
}

export interface Series extends Texts, Ending {
  id: string
  organizer: string
  zone: string
  /** Wall of the rule's first instance. */
  start: number
  /** Of an all-day meeting: whole days, of 24 hours here. */
  lastsMs: number
  allDay: boolean
  /** null: a single meeting. */
  rule: Rule | null
  /** Of a single meeting: the identity it is known by, and its instant where its wall comes twice. */
  only: number
  at: number | null
  exdates: number[]
  rdates: number[]
  /** UNTIL was made by a split or a DELETE. */
  isMade: boolean
  people: Invited[]
  /** To the meeting as such, of everybody who is named anywhere. */
  answers: Map<string, Response>
  isCancelled: boolean
  /** Instant up to which occurrences have rows; beyond it only what was addressed has one. */
  horizon: number
  own: Map<number, Own>
}

export interface Own extends Partial<Texts> {
  isCancelled?: true
  start?: number
  lastsMs?: number
  people?: Invited[]
  answers?: Record<string, Response>
}

export interface Happening extends Texts {
  recurrenceId: string
  allDay: boolean
  start: number
  end: number
  people: (Invited & { response: Response })[]
  /** Whose time and which rooms it takes. */
  claims: string[]
}

/** Thirteen months from the start. */
export function horizonOf(start: number): number {
  return start + 396 * DAY_MS
}

/** What the rule itself gives, in order. */
export function ruleWalls({ rule, start, zone, count, until }: Series): number[] {
  if (rule === null) return []
  const walls = wallsFrom(rule, start).slice(0, count ?? Infinity)
  return until === null ? walls : walls.filter((wall) => instantOf(wall, zone) <= until)
}

/** The identities of all there is, cancelled or not, by time and unique by instant. */
export function instances(series: Series): number[] {
  const { rule, rdates, exdates, zone, only } = series
  if (rule === null) return [only]
  const gone = new Set(exdates.map((wall) => instantOf(wall, zone)))
  const byInstant = new Map<number, number>()
  for (const wall of [...ruleWalls(series), ...rdates.toSorted((a, b) => a - b)]) {
    const at = instantOf(wall, zone)
    if (!gone.has(at) && !byInstant.has(at)) byInstant.set(at, wall)
  }
  return [...byInstant].toSorted(([a], [b]) => a - b).map(([, wall]) => wall)
}

export interface Span {
  start: number
  end: number
}

/** Where the series puts it. */
export function ruledSpan(series: Series, wall: number): Span {
  const isSingle = series.rule === null && wall === series.only
  const start = isSingle ? startOf(series) : instantOf(wall, series.zone)
  return { start, end: endOf(series, start, series.lastsMs) }
}

/** Of a single meeting, or of what its rule gives first. */
export function startOf({ at, start, zone }: Series): number {
  return at ?? instantOf(start, zone)
}

/** Where it is: what was moved stays, what has only its own length goes along. */
export function spanOf(series: Series, wall: number): Span {
  const { start, lastsMs } = series.own.get(wall) ?? {}
  if (start !== undefined) return { start, end: start + (lastsMs as number) }
  const ruled = ruledSpan(series, wall)
  return lastsMs === undefined ? ruled : { start: ruled.start, end: endOf(series, ruled.start, lastsMs) }
}

/** All-day meetings last civil days. */
export function endOf({ allDay, zone }: Series, start: number, lastsMs: number): number {
  if (!allDay) return start + lastsMs
  return instantOf(dayOf(wallAt(start, zone)) + Math.max(1, Math.round(lastsMs / DAY_MS)) * DAY, zone)
}

export function isWholeDays({ zone }: Series, { start, end }: Span): boolean {
  return isMidnight(start, zone) && isMidnight(end, zone)
}

/** What takes place and has a row. */
export function happenings(series: Series): Happening[] {
  return happeningWalls(series).map((wall) => lookOf(series, wall))
}

export function happeningWalls(series: Series): number[] {
  return liveWalls(series).filter((wall) => ruledSpan(series, wall).start < series.horizon || series.own.has(wall))
}

export function liveWalls(series: Series): number[] {
  if (series.isCancelled) return []
  return instances(series).filter((wall) => series.own.get(wall)?.isCancelled !== true)
}

export function lookOf(series: Series, wall: number): Happening {
  const own = series.own.get(wall) ?? {}
  const people = (own.people ?? series.people).map((one) => {
    const response = own.answers?.[one.who] ?? series.answers.get(one.who) ?? 'needs_action'
    return { ...one, response }
  })
  const rooms = own.rooms ?? series.rooms
  const coming = people
    .filter(({ who, response }) => !who.includes('@') && response !== 'declined')
    .map(({ who }) => who)
  const span = spanOf(series, wall)
  return {
    recurrenceId: idOf(wall),
    ...span,
    allDay: series.allDay && isWholeDays(series, span),
    title: own.title ?? series.title,
    description: own.description ?? series.description,
    visibility: own.visibility ?? series.visibility,
    status: own.status ?? series.status,
    rooms,
    people,
    claims: [...new Set([series.organizer, ...coming, ...rooms])].toSorted(),
  }
}

/** Two of all these happenings want one room at one time. */
export function doRoomsClash(world: readonly Series[]): boolean {
  const claims = world.flatMap(happenings).flatMap((one) => one.rooms.map((room) => ({ ...one, room })))
  return [...Map.groupBy(claims, ({ room }) => room).values()].some((list) => {
    const inOrder = list.toSorted((a, b) => a.start - b.start)
    return inOrder.some((one, i) => i > 0 && one.start < (inOrder[i - 1] as Happening).end)
  })
}

/** Of a copy: an entry that says nothing stays, because its row does. */
export function withOwn(series: Series, wall: number, own: Own): Series {
  return { ...series, own: new Map(series.own).set(wall, own) }
}

/** Answers of who is named nowhere any more are forgotten. */
export function withoutStrangers(series: Series): Series {
  const lists = [series.people, ...[...series.own.values()].map(({ people = [] }) => people)]
  const named = new Set(lists.flat().map(({ who }) => who))
  return { ...series, answers: new Map([...series.answers].filter(([who]) => named.has(who))) }
}
