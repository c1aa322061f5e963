import { DAY, DAY_MS, MS, dayOf, idOf, instantOf, iso, localOf, wallAt } from './clock.ts'
import { type Edit, type TextEdit, type What, TEXT_EDITS } from './edits-arbitrary.ts'
import { type Invited, type Series, spanOf, startOf } from './model.ts'
import type { OneChange } from './one.ts'
import { ruleText } from './rules.ts'
import type { Change } from './scopes.ts'
import { chosenRule } from './shapes.ts'

/** Whom and what edits choose from. */
export interface Cast {
  rooms: string[]
  /** Sorted: users by id, and a guest by his address. */
  people: string[]
}

/** One edit as a client sends it and as the model takes it. */
export interface Said<C> {
  body: object
  model: C
}

/** For scope `all`, and for `following` from that instance on. */
export function changeSaid(series: Series, from: number, edit: Edit, cast: Cast): Said<Change> {
  const { what, by, lasts, rule } = edit
  if (isText(what)) return textSaid(edit, what, cast)
  const { zone } = series
  const local = (wall: number) => ({ local: localOf(wall) })
  switch (what) {
    case 'start':
      return { body: { startTime: local(from + by) }, model: { start: from + by } }
    case 'end':
      return endSaid(series, from, lasts)
    case 'zone':
    case 'zone and start': {
      const zone = by < 0 ? 'America/New_York' : 'Europe/Berlin'
      if (what === 'zone') return { body: { timezone: zone }, model: { zone } }
      return { body: { timezone: zone, startTime: local(from + by) }, model: { zone, start: from + by } }
    }
    case 'all day': {
      const allDay = by > 0
      const start = dayOf(from) + (allDay ? 0 : 600)
      const days = 1 + (lasts % 4)
      const endTime = local(allDay ? start + days * DAY : start + lasts)
      const lastsMs = allDay ? days * DAY_MS : instantOf(start + lasts, zone) - instantOf(start, zone)
      return { body: { allDay, startTime: local(start), endTime }, model: { allDay, start, lastsMs } }
    }
    case 'rule':
    case 'rule and start': {
      const start = what === 'rule' ? from : from + by
      const given = chosenRule(rule, start, zone)
      const recurrencePattern = { rrule: ruleText(given.rule, given) }
      if (what === 'rule') return { body: { recurrencePattern }, model: { rule: given } }
      return { body: { recurrencePattern, startTime: local(start) }, model: { rule: given, start } }
    }
    case 'single':
      return { body: { recurrencePattern: null }, model: { rule: null } }
    case 'dates':
      return datesSaid(series, from, edit)
    default:
      return what satisfies never
  }
}

/** For one occurrence. What belongs to the series only is another title here: it is refused, which plain examples show. */
export function oneSaid(series: Series, wall: number, edit: Edit, cast: Cast): Said<OneChange> {
  const { what, by, lasts } = edit
  if (isText(what)) return textSaid(edit, what, cast)
  const { zone, allDay } = series
  const was = spanOf(series, wall)
  const clock = wallAt(was.start, zone)
  switch (what) {
    case 'start':
    case 'zone':
    case 'zone and start': {
      if (!allDay) return { body: { startTime: iso(was.start + by * MS) }, model: { start: was.start + by * MS } }
      const start = dayOf(clock) + by
      return { body: { startTime: { local: localOf(start) } }, model: { start: instantOf(start, zone) } }
    }
    case 'end': {
      if (!allDay) return { body: { endTime: iso(was.start + lasts * MS) }, model: { end: was.start + lasts * MS } }
      const end = dayOf(clock) + (1 + (lasts % 4)) * DAY
      return { body: { endTime: { local: localOf(end) } }, model: { end: instantOf(end, zone) } }
    }
    case 'all day':
    case 'rule':
    case 'rule and start':
    case 'dates':
    case 'single':
      return textSaid(edit, 'title', cast)
    default:
      return what satisfies never
  }
}

function isText(what: What): what is TextEdit {
  return (TEXT_EDITS as readonly What[]).includes(what)
}

function textSaid({ by, lasts, text, who }: Edit, what: TextEdit, cast: Cast): Said<OneChange & Change> {
  switch (what) {
    case 'title':
    case 'as read':
      return { body: { title: text }, model: { title: text } }
    case 'description':
      return { body: { description: text }, model: { description: text } }
    case 'visibility': {
      const visibility = by < -90 ? 'participants' : by < 90 ? 'busy_only' : 'organization'
      return { body: { visibility }, model: { visibility } }
    }
    case 'status': {
      const status = by < 0 ? 'tentative' : 'confirmed'
      return { body: { status }, model: { status } }
    }
    case 'rooms': {
      const { rooms } = cast
      const given = by < -90 ? [] : by < 90 ? rooms.slice(0, 1) : by < 1_440 ? rooms.slice(1) : [...rooms]
      return { body: { roomIds: given }, model: { rooms: given } }
    }
    case 'people': {
      const role = lasts > 60 ? 'optional' : 'required'
      const people = cast.people.filter((_, i) => (who >> i) % 2 === 1).map((one): Invited => ({ who: one, role }))
      return { body: { participants: people.map(invitee) }, model: { people } }
    }
    default:
      return what satisfies never
  }
}

export function invitee({ who, role }: Invited): object {
  return who.includes('@') ? { email: who, role } : { userId: who, role }
}

function endSaid(series: Series, from: number, lasts: number): Said<Change> {
  const { allDay, zone, start } = series
  const days = 1 + (lasts % 4)
  if (allDay) return { body: { endTime: { local: localOf(from + days * DAY) } }, model: { lastsMs: days * DAY_MS } }
  return {
    body: { endTime: iso((from === start ? startOf(series) : instantOf(from, zone)) + lasts * MS) },
    model: { lastsMs: lasts * MS },
  }
}

/** Beside the rule as it stands. Of a single meeting, which has none, another title. */
function datesSaid({ rule, count, until }: Series, from: number, edit: Edit): Said<Change> {
  if (rule === null) return { body: { title: edit.text }, model: { title: edit.text } }
  const walls = (given: [number, number][]) => {
    return [...new Set(given.map(([days, minutes]) => from + days * DAY + minutes))].toSorted((a, b) => a - b)
  }
  const [exdates, rdates] = [walls(edit.exdates), walls(edit.rdates)]
  const rrule = ruleText(rule, { count, until })
  return {
    body: { recurrencePattern: { rrule, exdates: exdates.map(idOf), rdates: rdates.map(idOf) } },
    model: { rule: { rule, count, until }, exdates, rdates },
  }
}
