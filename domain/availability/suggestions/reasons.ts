import { DAY_MS } from '../../time/instant.ts'
import type { Fit, Table } from './candidates.ts'
import type { DateBook } from './dates.ts'
import { seatsIn } from './rooms.ts'
import { type Merits, hardestOf } from './scoring.ts'
import { type Seat, SHORT_MINUTES } from './seat.ts'

/** A slot with who cannot come on how many of its dates. */
type Weighed = Fit & Merits & { missing: ReturnType<DateBook['missing']> }

/** Names beyond these are only counted. */
const MAX_NAMES = 3

/** Why a slot is where it is in the order, in sentences: who comes, how the hours are, what it leaves, the room, how soon. */
export function reasonsOf(slot: Weighed, table: Table): string[] {
  return [
    ...attendance(slot),
    ...hours(slot, table),
    ...gaps(slot),
    ...rooms(slot, table),
    ...series(slot, table),
    soonness(slot, table),
  ]
}

/** `Ana Lee`, `Ana Lee and Bo Ek`, `Ana Lee, Bo Ek, Cy Day and 4 more`. */
export function namesOf(people: readonly Pick<Seat, 'guest'>[], word: 'and' | 'or' = 'and'): string {
  const names = people.slice(0, MAX_NAMES).map(({ guest }) => guest.name)
  if (people.length > MAX_NAMES) return `${names.join(', ')} ${word} ${people.length - MAX_NAMES} more`
  const last = names.pop() ?? ''
  return names.length === 0 ? last : `${names.join(', ')} ${word} ${last}`
}

function attendance({ present, absent, seatless }: Weighed): string[] {
  const away = absent.filter((seat) => !seatless.includes(seat))
  const coming = present.length + seatless.length
  const unseated = seatless.length === 0 ? [] : [`There is no seat for ${namesOf(seatless)}.`]
  if (away.length > 0) {
    return [`${coming} of ${coming + away.length} people can come, without ${namesOf(away)}.`, ...unseated]
  }
  if (coming === 0) return ['Nobody is asked for.']
  return [
    coming === 1 ? `${namesOf([...present, ...seatless])} can come.` : `All ${coming} people can come.`,
    ...unseated,
  ]
}

function hours(slot: Weighed, table: Table): string[] {
  const { present, starts } = slot
  if (present.length === 0) return []
  const hardest = hardestOf(slot, slot, table)
  if (hardest === undefined) return ['Between 09:00 and 17:00 for everybody who comes.']
  const { seats, minuteOfDay } = hardest
  const when = starts.length > 1 ? 'At worst it begins' : 'It begins'
  return [`${when} at ${clock(minuteOfDay)} for ${namesOf(seats)}.`]
}

function gaps({ present, fragmented }: Weighed): string[] {
  if (present.length === 0) return []
  if (fragmented === 0) return [`Leaves nobody a free time shorter than ${SHORT_MINUTES} minutes.`]
  return [`Leaves ${count(fragmented, 'person', 'people')} a free time shorter than ${SHORT_MINUTES} minutes.`]
}

function rooms({ rooms: { rooms: chosen }, starts, heads }: Weighed, { wish }: Table): string[] {
  if (chosen.length === 0) return []
  const names = chosen.map(({ name }) => name).join(' and ')
  const when = starts.length > 1 ? ` for all ${starts.length} occurrences` : ''
  const seats = `${names} ${chosen.length > 1 ? 'are' : 'is'} free${when} and ${chosen.length > 1 ? 'seat' : 'seats'}`
  const { equipment = [] } = wish.rooms ?? {}
  return [
    `${seats} ${seatsIn(chosen)} for ${heads}.`,
    ...(equipment.length > 0 ? [`${chosen.length > 1 ? 'Each has' : 'Has'} ${equipment.join(', ')}.`] : []),
  ]
}

function series({ starts, dates, missing }: Weighed, { seats }: Table): string[] {
  if (starts.length === 1) return []
  const required = seats.filter(({ isRequired }) => isRequired).length
  const dated =
    dates.looked < starts.length ? `the first ${dates.looked} of ${starts.length} dates` : `${dates.looked} dates`
  const named = missing
    .slice(0, MAX_NAMES)
    .map((one) => `${one.guest.name} is busy or not at work on ${one.dates} of ${dated}.`)
  const others = missing.slice(MAX_NAMES)
  return [
    ...(required > 0 && missing.length === 0 ? [`Everybody required can come on all of ${dated}.`] : named),
    ...(others.length > 0 ? [`So ${others.length === 1 ? 'is 1 other' : `are ${others.length} others`} on some.`] : []),
    ...(missing.length > 1 ? [`${dates.complete} of ${dated} suit everybody required.`] : []),
    ...(seats.length > required ? ['Those who may be missing were asked for the first date only.'] : []),
  ]
}

function soonness({ start }: Weighed, { wish }: Table): string {
  const days = Math.floor((start - wish.now) / DAY_MS)
  return days === 0 ? 'Within a day from now.' : `In ${count(days, 'day', 'days')}.`
}

export function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

export function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`
}
