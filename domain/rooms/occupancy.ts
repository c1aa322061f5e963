import type { Instant } from '../time/instant.ts'
import { MINUTE_MS } from '../time/instant.ts'

/** What a sensor says of a room at one moment. */
export interface OccupancySample {
  /** Given by the device: a sample that comes twice counts once. */
  id: string
  roomId: string
  at: Instant
  present: boolean
  count: number | null
  /** 0 to 1; kept with the sample, not judged. */
  confidence: number | null
}

/** The newest word about a room. */
export interface Occupancy {
  at: Instant
  present: boolean
  count: number | null
  /** Since when `present` is what it is. */
  changedAt: Instant
  lastPresentAt: Instant | null
  /** When its silence was told; of an earlier silence it says nothing. */
  silenceToldAt: Instant | null
}

/** Sensors report every minute or few; one that misses so many rounds is not to be believed. */
const SILENT_MS = 8 * MINUTE_MS

/** Since when the sensor is silent: when it should have spoken at the latest. undefined: it is heard, or there is none. */
export function silentSince(occupancy: Occupancy | null, now: Instant): Instant | undefined {
  if (occupancy === null || now - occupancy.at <= SILENT_MS) return undefined
  return silenceFrom(occupancy)
}

/** The moment from which on it will count as silent. */
export function silenceFrom(occupancy: Occupancy): Instant {
  return (occupancy.at + SILENT_MS + 1) as Instant
}

/**
 * Takes samples in any order, however late: only what is newer than the newest word changes it. Pure; samples of one room.
 */
export function foldOccupancy(known: Occupancy | null, samples: readonly OccupancySample[]): Occupancy | null {
  let latest = known
  for (const sample of samples.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))) {
    const { at, present, count } = sample
    const lastPresentAt = present ? later(latest?.lastPresentAt, at) : (latest?.lastPresentAt ?? null)
    if (latest !== null && at <= latest.at) latest = { ...latest, lastPresentAt }
    else {
      const changedAt = latest !== null && latest.present === present ? latest.changedAt : at
      latest = { at, present, count, changedAt, lastPresentAt, silenceToldAt: latest?.silenceToldAt ?? null }
    }
  }
  return latest
}

function later(a: Instant | null | undefined, b: Instant): Instant {
  return a !== null && a !== undefined && a > b ? a : b
}
