import { civilDay, weekdayOf } from '../time/civil.ts'
import type { Weekday } from '../time/civil.ts'
import { DAY_MS } from '../time/instant.ts'
import type { Rule } from './rule.ts'

/**
 * The rule with what it leaves to the start written out (RFC 5545 3.3.10: "Information, not contained in the rule, necessary
 * to determine the various recurrence instance start times and dates are derived from the Start Time"). After that a
 * day belongs to the rule exactly when every part that is present allows it, which is how `MonthDays` and `matchesYear` read
 * the RFC's table of expanding and limiting parts. `startWall` as in `wallMs`.
 */
export function completeRule(rule: Rule, startWall: number): Rule {
  const startDay = Math.floor(startWall / DAY_MS)
  const { month, day } = civilDay(startDay)
  const minuteOfDay = Math.floor((startWall - startDay * DAY_MS) / 60_000)
  return {
    ...rule,
    byHour: rule.byHour.length > 0 ? rule.byHour : [Math.floor(minuteOfDay / 60)],
    byMinute: rule.byMinute.length > 0 ? rule.byMinute : [minuteOfDay % 60],
    ...impliedDays(rule, month, day, weekdayOf(startDay)),
  }
}

function impliedDays(rule: Rule, month: number, dayOfMonth: number, weekday: Weekday): Partial<Rule> {
  if (rule.byDay.length > 0 || rule.byMonthDay.length > 0 || rule.byYearDay.length > 0) return {}
  const sameWeekday = { byDay: [{ nth: 0, weekday }] }
  switch (rule.freq) {
    case 'DAILY':
      return {}
    case 'WEEKLY':
      return sameWeekday
    case 'MONTHLY':
      return { byMonthDay: [dayOfMonth] }
    case 'YEARLY':
      if (rule.byWeekNo.length > 0) return sameWeekday
      return { byMonth: rule.byMonth.length > 0 ? rule.byMonth : [month], byMonthDay: [dayOfMonth] }
  }
}
