import { dayOf, instantOf, isMidnight, wallAt } from './clock.ts'
import {
  type Invited,
  type Own,
  type Series,
  type Texts,
  TEXTS,
  horizonOf,
  instances,
  isWholeDays,
  liveWalls,
  lookOf,
  ruleWalls,
  spanOf,
  startOf,
  withoutStrangers,
} from './model.ts'
import { type Ending, type Rule, movedRule, plain, ruleText, wallsFrom } from './rules.ts'

/** An edit of a whole series. */
export interface Change extends Partial<Texts> {
  people?: Invited[]
  /** Wall of the instance it is said for. */
  start?: number
  /** After that start. */
  lastsMs?: number
  zone?: string
  allDay?: boolean
  /** null makes it a single meeting. */
  rule?: ({ rule: Rule } & Ending) | null
  exdates?: number[]
  rdates?: number[]
}

export interface Changed {
  series: Series
  /** The identities of exceptions that are lost, which the answer has to name. */
  dropped: number[]
}

/**
 * Scope `all`, of a copy; undefined: refused with 422. `anchor`: the instance whose start is given, the first one unless said.
 */
export function changeAll(
  before: Series,
  change: Change,
  { anchor = before.start, isNew = false } = {},
): Changed | undefined {
  if (change.rule === null && before.rule !== null) {
    const single = asItsFirst(before)
    return single && { series: withTexts(single, change), dropped: [] }
  }
  const { start, lastsMs, zone, allDay, rule, exdates, rdates } = change
  const times = [start, lastsMs, zone, allDay, rule ?? undefined, exdates, rdates]
  const isTimed = isNew || times.some((part) => part !== undefined)
  const timed = isTimed ? retimed(before, change, anchor) : { series: before, dropped: [] }
  return timed && { ...timed, series: withTexts(timed.series, change) }
}

function retimed(before: Series, change: Change, anchor: number): Changed | undefined {
  const shift = change.start === undefined ? 0 : change.start - anchor
  const move = (walls: readonly number[]) => walls.map((wall) => wall + shift)
  const after: Series = {
    ...before,
    start: before.start + shift,
    zone: change.zone ?? before.zone,
    allDay: change.allDay ?? before.allDay,
    lastsMs: change.lastsMs ?? before.lastsMs,
    only: before.only + shift,
    at: change.start === undefined && (change.zone ?? before.zone) === before.zone ? before.at : null,
    exdates: move(before.exdates),
    rdates: move(before.rdates),
    own: new Map([...before.own].map(([wall, own]) => [wall + shift, own])),
  }
  if (change.rule && !(before.isMade && isSame(before, change.rule))) {
    const { rule, count, until } = change.rule
    Object.assign(after, { rule, count, until, isMade: false })
  } else if (before.rule !== null) {
    const rule = movedRule(before.rule, before.count, before.start, after.start)
    if (rule === undefined) return undefined
    after.rule = rule
    if (before.isMade && before.until !== null) {
      after.until = instantOf((ruleWalls(before).at(-1) as number) + shift, after.zone)
    }
  }
  if (after.rule !== null) Object.assign(after, dates(change))
  after.horizon = after.rule === null ? Infinity : horizonOf(instantOf(after.start, after.zone))
  return isAccepted(after) ? withoutDropped(after) : undefined
}

/** Sent back as it stands: an end that a split made is not the client's for that. */
function isSame(before: Series, given: { rule: Rule } & Ending): boolean {
  return before.rule !== null && ruleText(before.rule, before) === ruleText(given.rule, given)
}

function dates({ exdates, rdates }: Change): Partial<Series> {
  return { ...(exdates && { exdates }), ...(rdates && { rdates }) }
}

/** The start is the rule's first instance, and something is left of it in the months that are looked at. */
function isAccepted(series: Series): boolean {
  const { rule, start, zone, until, at } = series
  const first = instantOf(start, zone)
  if (series.allDay && !isMidnight(startOf(series), zone)) return false
  if (rule === null) return true
  if (at !== null && at !== first) return false
  if (series.allDay && series.rdates.some((wall) => wall !== dayOf(wall))) return false
  if (wallsFrom(rule, start)[0] !== start || (until !== null && until < first)) return false
  return instances(series).some((wall) => instantOf(wall, zone) < series.horizon)
}

/** Exceptions survive where the rule gives them; what was cancelled by itself stays so in any case. */
function withoutDropped(series: Series): Changed {
  const given = new Set(instances(series))
  if (series.rule === null) {
    const own = [...series.own].filter(([, { isCancelled }]) => isCancelled === true)
    return { series: { ...series, own: new Map(own) }, dropped: [] }
  }
  const lost = [...series.own].filter(([wall, { isCancelled }]) => !given.has(wall) && isCancelled !== true)
  const kept = [...series.own].filter(([wall, own]) => {
    return own.isCancelled === true || (given.has(wall) && Object.keys(own).length > 0)
  })
  const isWorthAWord = (own: Own) => Object.keys(own).some((name) => name !== 'answers')
  return {
    series: { ...series, own: new Map(kept) },
    dropped: lost.filter(([, own]) => isWorthAWord(own)).map(([wall]) => wall),
  }
}

/** Of a series its first occurrence that takes place, with all it has of its own; undefined: there is none. */
function asItsFirst(before: Series): Series | undefined {
  const live = liveWalls({ ...before, isCancelled: false })
  const inOrder = live
    .map((wall) => ({ wall, ...spanOf(before, wall) }))
    .toSorted((a, b) => a.start - b.start || a.wall - b.wall)
  const [first] = inOrder
  if (first === undefined) return undefined
  const { wall, start, end } = first
  const own = before.own.get(wall) ?? {}
  const look = lookOf({ ...before, isCancelled: false }, wall)
  const isMoved = own.start !== undefined
  const at = isMoved ? wallAt(start, before.zone) : wall
  return {
    ...before,
    ...Object.fromEntries(TEXTS.map((name) => [name, look[name]])),
    start: at,
    lastsMs: end - start,
    allDay: before.allDay && isWholeDays(before, first),
    ...{ rule: null, count: null, until: null, isMade: false, exdates: [], rdates: [] },
    only: wall,
    at: instantOf(at, before.zone) === start ? null : start,
    people: look.people.map(({ who, role }) => ({ who, role })),
    answers: new Map([...before.answers, ...look.people.map(({ who, response }) => [who, response] as const)]),
    horizon: Infinity,
    own: new Map([...before.own].filter(([, { isCancelled }]) => isCancelled === true)),
  }
}

function withTexts(before: Series, change: Change): Series {
  const after = { ...before }
  for (const name of TEXTS) if (change[name] !== undefined) Object.assign(after, { [name]: change[name] })
  if (change.people === undefined) return withoutStrangers(after)
  after.people = change.people
  const invited = new Set(change.people.map(({ who }) => who))
  after.own = new Map([...before.own].map(([wall, own]) => [wall, own.people ? own : withAnswersOf(own, invited)]))
  return withoutStrangers(after)
}

/** Who is not invited any more takes his answers along. */
export function withAnswersOf({ answers, ...own }: Own, invited: ReadonlySet<string>): Own {
  const kept = Object.entries(answers ?? {}).filter(([who]) => invited.has(who))
  return kept.length === 0 ? own : { ...own, answers: Object.fromEntries(kept) }
}

/** `following` there is `all`: at the rule's first instance, and where nothing comes before. */
export function isWhole(series: Series, wall: number): boolean {
  if (series.rule === null || wall === series.start) return true
  return !instances(series).some((one) => one < wall)
}

/** The series ended before that instance; what was cancelled stays known only if nobody takes it over. */
export function cutBefore(before: Series, wall: number, isTakenOver: boolean): Series {
  const kept = ruleWalls(before).filter((one) => one < wall)
  const own = [...before.own].filter(([one, { isCancelled }]) => one < wall || (!isTakenOver && isCancelled === true))
  const rdates = before.rdates.filter((one) => one < wall)
  const ended = { ...before, rdates, own: new Map(own) }
  if (kept.length === 0) return withoutStrangers({ ...ended, ...onceAt(before, Math.min(...rdates), rdates) })
  if (before.count !== null) return withoutStrangers({ ...ended, count: kept.length })
  const end = instantOf(wall, before.zone)
  if (before.until !== null && before.until < end) return withoutStrangers(ended)
  return withoutStrangers({ ...ended, until: instantOf(kept.at(-1) as number, before.zone), isMade: true })
}

/** Of the rule nothing is left: one instance, beside dates of their own. */
function onceAt(series: Series, wall: number, rdates: readonly number[]): Partial<Series> {
  return {
    start: wall,
    rule: plain(series.rule as Rule),
    count: 1,
    until: null,
    isMade: false,
    rdates: rdates.filter((one) => one !== wall),
  }
}

/** What is left from that instance on, with the edit; its own time gives way to times given. */
export function restFrom(before: Series, wall: number, change: Change): Changed | undefined {
  const gone = ruleWalls(before).filter((one) => one < wall).length
  const left = ruleWalls(before).filter((one) => one >= wall)
  const rdates = before.rdates.filter((one) => one >= wall)
  const own = new Map([...before.own].filter(([one]) => one >= wall))
  if (change.start !== undefined || change.lastsMs !== undefined) {
    const { start: _, lastsMs: __, ...rest } = own.get(wall) ?? {}
    own.set(wall, rest)
  }
  const [first] = left
  const rest: Series = {
    ...before,
    own,
    rdates: rdates.filter((one) => one !== first),
    exdates: before.exdates.filter((one) => one >= wall),
    ...(first === undefined
      ? onceAt(before, wall, rdates)
      : { start: first, count: before.count === null ? null : before.count - gone }),
  }
  return changeAll(rest, change, { anchor: wall, isNew: true })
}
