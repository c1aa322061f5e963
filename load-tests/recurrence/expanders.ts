import { fromZonedTime } from 'date-fns-tz'
import rrule from 'rrule'
import { DateTime, RRuleSet } from 'rrule-rust'
import { RRuleTemporal } from 'rrule-temporal'
import { expand, startsOf } from '../../domain/recurrence/expand.ts'
import { DAY_MS } from '../../domain/time/instant.ts'
import { wallMs } from '../../domain/time/local-time.ts'
import { type Series, type Span, ZONE } from './series.ts'

/** The starts of one series in `[from, to)`, as epoch milliseconds, ascending. */
export type Expander = (span: Span) => number[]

/**
 * Makes an expander of a series. Whatever a library reads, parses or builds only once is done here and so is not measured; none of them may
 * keep an answer for the next time. Ours has nothing to prepare.
 */
export const EXPANDERS = {
  ours:
    ({ set }) =>
    (span) =>
      startsOf(set, span.from, span.to, Infinity),

  'ours with recurrence ids':
    ({ set }) =>
    (span) =>
      expand(set, span.from, span.to, Infinity).map(({ start }) => start),

  /** The recipe that gets most right with it: wall times as if they were UTC, a set without its cache, each instance converted. */
  'rrule + date-fns-tz': ({ text, set }) => {
    const peer = new rrule.RRuleSet(true)
    peer.rrule(new rrule.RRule({ ...rrule.RRule.parseString(text), dtstart: new Date(wallMs(set.start)) }))
    for (const exdate of set.exdates) peer.exdate(new Date(wallMs(exdate)))
    for (const rdate of set.rdates) peer.rdate(new Date(wallMs(rdate)))
    return ({ from, to }) =>
      peer
        .between(new Date(from - 2 * DAY_MS), new Date(to + 2 * DAY_MS), true)
        // As text: a Date would be read through the host's own zone.
        .map((floating) => fromZonedTime(floating.toISOString().slice(0, -1), ZONE).getTime())
        .filter((start) => start >= from && start < to)
  },

  'rrule-temporal': (series) => {
    const peer = new RRuleTemporal({ rruleString: linesOf(series), cache: false })
    return ({ from, to }) => peer.between(new Date(from), new Date(to - 1), true).map((at) => at.epochMilliseconds)
  },

  'rrule-rust': (series) => {
    const peer = RRuleSet.fromString<ReturnType<typeof DateTime.utc>>(linesOf(series))
    peer.cache.disable()
    return ({ from, to }) =>
      peer.between(DateTime.fromTimestamp(from), DateTime.fromTimestamp(to - 1), true).map((at) => at.toTimestamp())
  },
} satisfies Record<string, (series: Series) => Expander>

/** The lines of RFC 5545 that make up the series. */
function linesOf({ text, set: { start, exdates, rdates } }: Series): string {
  return [
    `DTSTART;TZID=${ZONE}:${start}`,
    `RRULE:${text}`,
    `EXDATE;TZID=${ZONE}:${exdates.join(',')}`,
    `RDATE;TZID=${ZONE}:${rdates.join(',')}`,
  ].join('\n')
}
