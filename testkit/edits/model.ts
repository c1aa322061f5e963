import { Temporal } from 'temporal-polyfill'

/**
 * What CONTRACT.md, Scopes, makes of edits of daily series, as plainly as it can be said and with none of the product's code:
 * walls are minutes of a clock that knows no zone, instants epoch milliseconds, zones are Temporal's.
 */
export interface Series {
  id: string
  zone: string
  /** Wall of the first instance. */
  start: number
  lastsMs: number
  everyDays: number
  count: number | null
  until: number | null
  /** UNTIL was made by a split or a DELETE. */
  isMade: boolean
  title: string
  rooms: string[]
  isCancelled: boolean
  own: Map<number, Own>
}

export interface Own {
  isCancelled?: true
  start?: number
  lastsMs?: number
  title?: string
  rooms?: string[]
}

export interface Happening {
  recurrenceId: string
  start: number
  end: number
  title: string
  rooms: string[]
}

const DAY = 1_440
const MS = 60_000
/** No series here has as many. */
const MOST = 100

export function instantOf(wall: number, zone: string): number {
  const clock = Temporal.Instant.fromEpochMilliseconds(wall * MS)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime()
  return clock.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
}

/** `2027-03-20T10:00`, as doors take it. */
export function localOf(wall: number): string {
  return new Date(wall * MS).toISOString().slice(0, 16)
}

export function idOf(wall: number): string {
  return `${localOf(wall).replaceAll(/[-:]/g, '')}00`
}

/** The walls the rule gives, in order. */
export function instances(series: Series): number[] {
  const walls = Array.from({ length: series.count ?? MOST }, (_, i) => series.start + i * series.everyDays * DAY)
  return walls.filter((wall) => series.until === null || instantOf(wall, series.zone) <= series.until)
}

/** What takes place. */
export function happenings(series: Series): Happening[] {
  if (series.isCancelled) return []
  return instances(series)
    .filter((wall) => series.own.get(wall)?.isCancelled !== true)
    .map((wall) => {
      const own = series.own.get(wall) ?? {}
      const start = own.start ?? instantOf(wall, series.zone)
      return {
        recurrenceId: idOf(wall),
        start,
        end: start + (own.lastsMs ?? series.lastsMs),
        title: own.title ?? series.title,
        rooms: own.rooms ?? series.rooms,
      }
    })
}

/** Two of all these happenings want one room at one time. */
export function doRoomsClash(world: readonly Series[]): boolean {
  const claims = world.flatMap(happenings).flatMap((one) => one.rooms.map((room) => ({ ...one, room })))
  return claims.some((a, i) => claims.some((b, j) => i < j && a.room === b.room && a.start < b.end && b.start < a.end))
}

export interface Change {
  title?: string
  rooms?: string[]
  /** Wall of the instance it is said for. */
  start?: number
  /** After that start. */
  lastsMs?: number
  zone?: string
  rule?: { everyDays: number; count: number }
}

/** Of a copy. A start that moves past a client's UNTIL leaves nothing: `undefined`. */
export function changeAll(before: Series, change: Change): Series | undefined {
  const after = { ...before, own: new Map(before.own) }
  if (change.title !== undefined) after.title = change.title
  if (change.rooms !== undefined) after.rooms = change.rooms
  if (change.lastsMs !== undefined) after.lastsMs = change.lastsMs
  const shift = change.start === undefined ? 0 : change.start - before.start
  after.start += shift
  after.zone = change.zone ?? before.zone
  after.own = new Map([...before.own].map(([wall, own]) => [wall + shift, own]))
  if (before.isMade && before.until !== null && (shift !== 0 || after.zone !== before.zone)) {
    after.until = instantOf((instances(before).at(-1) as number) + shift, after.zone)
  }
  if (change.rule !== undefined) Object.assign(after, change.rule, { until: null, isMade: false })
  const given = new Set(instances(after))
  if (given.size === 0) return undefined
  if (change.start === undefined && change.zone === undefined && change.rule === undefined) return after
  for (const [wall, own] of after.own) if (!given.has(wall) && own.isCancelled !== true) after.own.delete(wall)
  return after
}

/** Of a copy. */
export function changeOne(
  before: Series,
  wall: number,
  change: Pick<Change, 'title' | 'rooms' | 'lastsMs'> & { at?: number },
): Series {
  const own: Own = { ...before.own.get(wall) }
  const ruled = instantOf(wall, before.zone)
  if (change.at !== undefined || change.lastsMs !== undefined) {
    const start = change.at ?? own.start ?? ruled
    const lastsMs = change.lastsMs ?? own.lastsMs ?? before.lastsMs
    delete own.start
    delete own.lastsMs
    if (start !== ruled) Object.assign(own, { start, lastsMs })
    else if (lastsMs !== before.lastsMs) own.lastsMs = lastsMs
  }
  for (const name of ['title', 'rooms'] as const) {
    const given = change[name]
    if (given === undefined) continue
    if (String(given) === String(own[name] ?? before[name])) continue
    if (String(given) === String(before[name])) delete own[name]
    else Object.assign(own, { [name]: given })
  }
  const all = new Map(before.own)
  if (Object.keys(own).length === 0) all.delete(wall)
  else all.set(wall, own)
  return { ...before, own: all }
}

/** The series ended before that instance; what was cancelled stays known only if nobody takes it over. */
export function cutBefore(before: Series, wall: number, isTakenOver: boolean): Series {
  const kept = instances(before).filter((one) => one < wall)
  const own = [...before.own].filter(([one, { isCancelled }]) => one < wall || (!isTakenOver && isCancelled === true))
  const end =
    before.count !== null
      ? { count: kept.length }
      : { until: instantOf(kept.at(-1) as number, before.zone), isMade: true }
  return { ...before, ...end, own: new Map(own) }
}

/** What is left from that instance on, with the edit; its own time gives way to times given. */
export function restFrom(before: Series, wall: number, change: Change): Series | undefined {
  const gone = instances(before).filter((one) => one < wall).length
  const own = new Map([...before.own].filter(([one]) => one >= wall))
  if (change.start !== undefined || change.lastsMs !== undefined) {
    const { start: _, lastsMs: __, ...rest } = own.get(wall) ?? {}
    if (Object.keys(rest).length === 0) own.delete(wall)
    else own.set(wall, rest)
  }
  const count = before.count === null ? null : before.count - gone
  return changeAll({ ...before, start: wall, count, own }, change)
}
