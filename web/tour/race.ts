import type { Problem, Room } from '../client/contract.ts'
import type { Session } from '../client/session.ts'
import type { Colleagues, Demo } from './demo.ts'
import { type Exchange, demand, exchange } from './exchange.ts'
import { quantile } from './figures.ts'
import { Refused } from './refused.ts'

export const ATTEMPTS = 100

export interface RaceResult {
  room: Room
  startTime: string
  endTime: string
  winners: number
  /** Equal answers, the most frequent first. */
  groups: { status: number; words: string; count: number }[]
  /** How many each node answered. */
  nodes: [node: string, count: number][]
  /** Of single requests, from sending to the whole answer. */
  p50: number | undefined
  max: number | undefined
  /** Of all of them together. */
  totalMs: number
  /** Bookings that stand in the room at that time afterwards. */
  standing: number
  won: Exchange | undefined
  refused: Exchange | undefined
  check: Exchange
}

const DAY_MS = 86_400_000
const HALF_HOUR_MS = 1_800_000
/** Far enough ahead to be in nobody's way. */
const FIRST_DAY = 20
const DAYS = 60
const TRIES = 10
/** Of resource timings, which the browser forgets beyond 250. */
const BUFFER = 1_000

/** All attempts go out at the same moment, for the same room and time, as several people. Throws `Refused`. */
export async function runRace(demo: Demo, session: Session, colleagues: Colleagues): Promise<RaceResult> {
  const rooms = await demand(session, 'GET', '/rooms?active=true&capacity=6&limit=100')
  const { room, startTime, endTime } = await freeSlot(session, (rooms.answer as { items: Room[] }).items)
  const tokens = await Promise.all(demo.racers.map(({ email }) => colleagues.signedIn(email)))
  const path = `/rooms/${room.id}/book`
  const body = { title: 'The race', startTime, endTime, timezone: 'UTC' }

  performance.clearResourceTimings()
  performance.setResourceTimingBufferSize(BUFFER)
  const since = performance.now()
  const said = await Promise.all(
    Array.from({ length: ATTEMPTS }, (_, i) =>
      exchange('POST', path, tokens[i % tokens.length]?.accessToken ?? '', body),
    ),
  )
  const totalMs = performance.now() - since
  const times = sentToAnswered(path)

  const check = await demand(session, 'GET', scheduleOf(room, startTime, endTime))
  const winners = said.filter(({ status }) => status === 201)
  return {
    ...{ room, startTime, endTime, totalMs, check },
    winners: winners.length,
    groups: groupsOf(said),
    nodes: tallied(said.map(({ node }) => node ?? 'no node')),
    p50: quantile(times, 0.5),
    max: quantile(times, 1),
    standing: (check.answer as { items: unknown[] }).items.length,
    won: winners[0],
    refused: said.find(({ status }) => status === 409),
  }
}

interface Slot {
  room: Room
  startTime: string
  endTime: string
}

async function freeSlot(session: Session, rooms: readonly Room[]): Promise<Slot> {
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS
  for (let i = 0; i < TRIES && rooms.length > 0; i++) {
    const room = rooms[below(rooms.length)] as Room
    const start = midnight + (FIRST_DAY + below(DAYS)) * DAY_MS + (10 + below(16)) * HALF_HOUR_MS
    const [startTime, endTime] = [start, start + HALF_HOUR_MS].map((at) => new Date(at).toISOString()) as [
      string,
      string,
    ]
    const { answer } = await demand(session, 'GET', scheduleOf(room, startTime, endTime))
    if ((answer as { items: unknown[] }).items.length === 0) return { room, startTime, endTime }
  }
  throw new Refused('No free room was found to race for. Try again.')
}

function scheduleOf(room: Room, startTime: string, endTime: string): string {
  return `/rooms/${room.id}/schedule?from=${startTime}&to=${endTime}`
}

/** A browser keeps six connections to a server; what the others wait for one is not the server's time. */
function sentToAnswered(path: string): number[] {
  const entries = performance.getEntriesByName(`${location.origin}${path}`, 'resource') as PerformanceResourceTiming[]
  return entries.filter((entry) => entry.requestStart > 0).map((entry) => entry.responseEnd - entry.requestStart)
}

function groupsOf(said: readonly Exchange[]): RaceResult['groups'] {
  const answers = said.map(({ status, answer }) => `${status} ${wordsOf(status, answer)}`)
  return tallied(answers).map(([words, count]) => {
    return { status: Number.parseInt(words, 10), words: words.slice(words.indexOf(' ') + 1), count }
  })
}

function wordsOf(status: number, answer: unknown): string {
  if (status === 201) return 'Booked.'
  if (status === 0) return 'No answer came.'
  return (answer as Partial<Problem> | undefined)?.detail ?? ''
}

function tallied(words: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1])
}

function below(n: number): number {
  return Math.floor(Math.random() * n)
}
