import { type Bits, emptyBits, fullBits, gridOver, keep, remove } from '../../domain/availability/bitmap.ts'
import { startsIn } from '../../domain/availability/free-starts.ts'
import { blockedBits, fillBlocked } from '../../domain/availability/person-time.ts'
import { type TimePiece, freeBits, keepFree, monthGrid, monthsIn } from '../../domain/availability/time-pieces.ts'
import { workBits } from '../../domain/availability/work-time.ts'
import type { WorkingHours } from '../../domain/people/user.ts'
import { type Instant, type Interval, DAY_MS, HOUR_MS, MINUTE_MS, instant, plus } from '../../domain/time/instant.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { findZone } from '../../domain/time/zone.ts'
import { median } from '../bench/statistics.ts'

/** Four weeks in which America and Europe change their clocks at different times. */
const WINDOW: Interval = { start: instant(Date.UTC(2026, 9, 12)), end: instant(Date.UTC(2026, 10, 9)) }
const WANTED = { window: WINDOW, durationMinutes: 30, granularityMinutes: 15 }
const GRID = gridOver(WINDOW)
const ZONES = ['Europe/Berlin', 'America/New_York', 'Europe/London', 'America/Sao_Paulo']
const MEETINGS_A_DAY = 8

interface Person {
  zone: string
  weekly: WorkingHours
  /** Starts and ends in turn, as they come from the store. */
  meetings: Float64Array
}

export interface InProcess {
  /** Milliseconds of one question, each way. */
  and: () => number
  kept: () => number
  fromRows: () => number
  rows: number
  starts: number
}

/** The same question about the same people in three ways; throws when their answers differ. */
export function slotsInProcess(people: number, repeats: number): InProcess {
  const crowd = Array.from({ length: people }, (_, i) => personOf(i))
  const pieces = crowd.map(piecesOf)
  const raw = pieces.map((own) => freeBits(GRID, own))
  const ways = {
    and: () => commonOf(raw),
    kept: () => answer((common) => pieces.forEach((own) => keepFree(common, GRID, own))),
    fromRows: () => answer((common) => keepRows(common, crowd)),
  }
  const expected = searched(crowd)
  for (const way of [ways.kept, ways.fromRows]) {
    if (JSON.stringify(way()) !== JSON.stringify(expected)) throw new Error(`wrong starts for ${people} people`)
  }
  const timed = (work: () => unknown) => () => {
    const times = Array.from({ length: repeats }, () => {
      const started = performance.now()
      work()
      return performance.now() - started
    })
    return median(times)
  }
  return {
    and: timed(ways.and),
    kept: timed(ways.kept),
    fromRows: timed(ways.fromRows),
    rows: crowd.reduce((sum, { meetings }) => sum + meetings.length / 2, 0),
    starts: expected.length,
  }
}

/** All the way to what is sent: candidates as text. */
function answer(fill: (common: Bits) => void): string[] {
  const common = fullBits(GRID)
  fill(common)
  return startsIn(common, GRID, WANTED).map(formatInstant)
}

/** Nothing is kept from one question to the next but the zones' tables: everybody's time is laid into the same bits. */
function keepRows(common: Bits, crowd: readonly Person[]): void {
  const blocked = emptyBits(GRID)
  const schedules = new Set<string>()
  for (const { zone: name, weekly, meetings } of crowd) {
    const zone = findZone(name)!
    fillBlocked(blocked, GRID, { zone, rules: {}, meetings, external: [], absences: [] })
    const schedule = `${name} ${JSON.stringify(weekly)}`
    if (schedules.has(schedule)) continue
    schedules.add(schedule)
    keep(common, workBits(GRID, { zone, weekly }))
  }
  remove(common, blocked)
}

function commonOf(all: readonly Bits[]): Bits {
  const common = fullBits(GRID)
  for (const bits of all) keep(common, bits)
  return common
}

function pieceOf({ zone: name, weekly, meetings }: Person, grid: TimePiece['grid']): TimePiece {
  const zone = findZone(name)!
  const blocked = blockedBits(grid, { zone, rules: {}, meetings, external: [], absences: [] })
  return { grid, working: workBits(grid, { zone, weekly }), blocked }
}

/** As the server keeps them: by months, hours shared by who has the same. */
function piecesOf(person: Person): TimePiece[] {
  return monthsIn(WINDOW).map((month) => {
    const key = `${person.zone} ${month}`
    const piece = pieceOf(person, monthGrid(month))
    const working = shared.get(key) ?? piece.working
    shared.set(key, working)
    return { ...piece, working }
  })
}
const shared = new Map<string, Bits>()

/** Knows neither bits nor tables of months. */
function searched(crowd: readonly Person[]): string[] {
  const starts: string[] = []
  const lengthMs = WANTED.durationMinutes * MINUTE_MS
  for (let at = WINDOW.start; at + lengthMs <= WINDOW.end; at = plus(at, WANTED.granularityMinutes * MINUTE_MS)) {
    if (crowd.every((person) => canMeet(person, at, plus(at, lengthMs)))) starts.push(formatInstant(at))
  }
  return starts
}

function canMeet({ zone: name, weekly, meetings }: Person, start: Instant, end: Instant): boolean {
  for (let i = 0; i < meetings.length; i += 2) if (meetings[i]! < end && start < meetings[i + 1]!) return false
  const zone = findZone(name)!
  for (let at = start; at < end; at = plus(at, MINUTE_MS)) {
    const wall = new Date(zone.wallAt(at))
    const spans = weekly[WEEKDAYS[(wall.getUTCDay() + 6) % 7]!] ?? []
    const time = wall.toISOString().slice(11, 16)
    if (!spans.some(([from, until]) => from <= time && time < until)) return false
  }
  return true
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Eight meetings on each weekday, anywhere between 10:00 and 22:00 UTC but on Fridays from 15:00 to 16:00. */
function personOf(n: number): Person {
  const random = mulberry(n + 1)
  const times: number[] = []
  for (let day: number = WINDOW.start; day < WINDOW.end; day += DAY_MS) {
    const weekday = new Date(day).getUTCDay()
    if (weekday === 0 || weekday === 6) continue
    for (let i = 0; i < MEETINGS_A_DAY; i++) {
      const start = day + 10 * HOUR_MS + Math.floor(random() * 144) * 5 * MINUTE_MS
      const end = start + [30, 45, 60][Math.floor(random() * 3)]! * MINUTE_MS
      const [from, until] = [day + 15 * HOUR_MS, day + 16 * HOUR_MS]
      const isMoved = weekday === 5 && start < until && from < end
      times.push(isMoved ? start + 2 * HOUR_MS : start, isMoved ? end + 2 * HOUR_MS : end)
    }
  }
  const weekly = Object.fromEntries(
    WEEKDAYS.slice(0, 5).map((day) => [
      day,
      [
        ['07:00', '12:00'],
        ['12:30', '21:00'],
      ],
    ]),
  )
  return { zone: ZONES[n % ZONES.length]!, weekly: weekly as WorkingHours, meetings: Float64Array.from(times) }
}

/** Small, seeded: every run asks the same. */
function mulberry(seed: number): () => number {
  let state = seed * 0x9e3779b9
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
