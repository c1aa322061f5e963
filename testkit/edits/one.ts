import {
  type Invited,
  type Own,
  type Response,
  type Series,
  type Texts,
  TEXTS,
  endOf,
  isWholeDays,
  lookOf,
  ruledSpan,
  spanOf,
  withOwn,
  withoutStrangers,
} from './model.ts'
import { withAnswersOf } from './scopes.ts'

/** An edit of one occurrence. */
export interface OneChange extends Partial<Texts> {
  people?: Invited[]
  /** Instants. */
  start?: number
  end?: number
}

/** Scope `this`, of a copy; undefined: refused with 422. What it is given back as its series has it is its own no more. */
export function changeOne(before: Series, wall: number, change: OneChange): Series | undefined {
  const own: Own = { ...before.own.get(wall) }
  const look = lookOf(before, wall)
  if (change.start !== undefined || change.end !== undefined) {
    const was = spanOf(before, wall)
    const start = change.start ?? was.start
    const end = change.end ?? endOf(before, start, was.end - was.start)
    if (end <= start || (before.allDay && !isWholeDays(before, { start, end }))) return undefined
    const ruled = ruledSpan(before, wall)
    delete own.start
    delete own.lastsMs
    if (start !== ruled.start) own.start = start
    if (start !== ruled.start || end !== ruled.end) own.lastsMs = end - start
  }
  for (const name of TEXTS) {
    const given = change[name]
    if (given === undefined || String(given) === String(look[name])) continue
    if (String(given) === String(before[name])) delete own[name]
    else Object.assign(own, { [name]: given })
  }
  if (change.people === undefined) return withOwn(before, wall, own)
  const { people: _, ...rest } = withAnswersOf(own, new Set(change.people.map(({ who }) => who)))
  const isSeries = JSON.stringify(change.people) === JSON.stringify(before.people)
  return withoutStrangers(withOwn(before, wall, isSeries ? rest : { ...rest, people: change.people }))
}

export function withMark(series: Series, wall: number, isCancelled: boolean): Series {
  const { isCancelled: _, ...own } = series.own.get(wall) ?? {}
  return withOwn(series, wall, isCancelled ? { ...own, isCancelled: true } : own)
}

/** An answer to the meeting, or to one occurrence of a series; `forbidden`: he was not asked. */
export function answered(series: Series, who: string, response: Response, wall?: number): Series | 'forbidden' {
  const own = wall === undefined || series.rule === null ? undefined : (series.own.get(wall) ?? {})
  const isAsked = (own?.people ?? series.people).some((one) => one.who === who)
  if (!isAsked) return 'forbidden'
  const was = own?.answers?.[who] ?? series.answers.get(who) ?? 'needs_action'
  if (was === response) return series
  if (own === undefined) return { ...series, answers: new Map(series.answers).set(who, response) }
  return withOwn(series, wall as number, { ...own, answers: { ...own.answers, [who]: response } })
}
