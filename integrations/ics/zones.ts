import { type Observance, createZone } from '../../domain/calendars/custom-zone.ts'
import { readImportedRule } from '../../domain/calendars/imported-rule.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/time/instant.ts'
import { parseBasicLocalTime, wallMs } from '../../domain/time/local-time.ts'
import { type Zone, findZone } from '../../domain/time/zone.ts'
import type { Component } from './components.ts'
import { type Property, paramOf, readProperty } from './read-property.ts'
import { WINDOWS_ZONES } from './windows-zones.ts'

/** Zones of a calendar beyond this are of no event. */
const MAX_ZONES = 1_000

/** Which zone a TZID means: the IANA zone it names in any common dress, else the calendar's own definition, else undefined. */
export class CalendarZones {
  readonly #defined = new Map<string, Zone>()
  readonly #seen = new Set<string | undefined>()
  readonly #until: number

  constructor(until: number) {
    this.#until = until
  }

  /** The first definition of a name stands. */
  define(component: Component): void {
    const name = component.lines.find(({ text }) => /^TZID\s*[;:]/i.test(text))?.text
    if (this.#defined.size >= MAX_ZONES || this.#seen.has(name)) return
    this.#seen.add(name)
    const { tzid, location, observances } = readZone(component)
    if (tzid === undefined || ianaZone(tzid) !== undefined) return
    const zone = location === undefined ? undefined : ianaZone(location)
    if (zone !== undefined || observances.length > 0) {
      this.#defined.set(tzid, zone ?? createZone(tzid, observances, this.#until))
    }
  }

  find(tzid: string): Zone | undefined {
    return ianaZone(tzid) ?? this.#defined.get(tzid) ?? findZone(WINDOWS_ZONES[tzid] ?? '')
  }
}

/** `Europe/Berlin`, `"Europe/Berlin"`, `/freeassociation.sourceforge.net/Tzfile/Europe/Berlin`, `europe/berlin`. */
function ianaZone(tzid: string): Zone | undefined {
  const name = tzid.trim().replaceAll('"', '')
  const parts = name.split('/').filter((part) => part !== '')
  const tails = [3, 2].filter((length) => length <= parts.length).map((length) => parts.slice(-length).join('/'))
  for (const tail of [name, ...tails]) {
    const zone = findZone(tail) ?? findZone(tail.toLowerCase().replaceAll(/(?<![a-z])[a-z]/g, (c) => c.toUpperCase()))
    if (zone !== undefined) return zone
  }
  return undefined
}

interface ReadZone {
  tzid: string | undefined
  location: string | undefined
  observances: Observance[]
}

function readZone({ lines }: Component): ReadZone {
  const zone: ReadZone = { tzid: undefined, location: undefined, observances: [] }
  let part: Map<string, Property[]> | undefined
  for (const line of lines) {
    if (/^BEGIN:/i.test(line.text)) part = new Map()
    else if (/^END:/i.test(line.text)) {
      const observance = part && readObservance(part)
      if (observance !== undefined) zone.observances.push(observance)
      part = undefined
    } else {
      const property = tryRead(() => readProperty(line))
      if (property === undefined) continue
      if (part !== undefined) part.set(property.name, [...(part.get(property.name) ?? []), property])
      else if (property.name === 'tzid') zone.tzid = property.raw.trim()
      else if (property.name === 'x-lic-location') zone.location = property.raw.trim()
    }
  }
  return zone
}

function readObservance(part: ReadonlyMap<string, Property[]>): Observance | undefined {
  const rawOf = (name: string) => part.get(name)?.[0]?.raw.trim()
  const offsetFrom = readOffset(rawOf('tzoffsetfrom'))
  const offsetTo = readOffset(rawOf('tzoffsetto'))
  const start = readOnset(rawOf('dtstart'))
  if (offsetFrom === undefined || offsetTo === undefined || start === undefined) return undefined
  const text = rawOf('rrule')
  const rule = text === undefined ? undefined : readImportedRule(text, UTC)
  const rdates = (part.get('rdate') ?? [])
    .filter((property) => paramOf(property, 'value') !== 'PERIOD')
    .flatMap(({ raw }) => raw.split(',').flatMap((value) => readOnset(value.trim()) ?? []))
  return { start, offsetFrom, offsetTo, rule: rule?.ok ? rule.value : null, rdates }
}

const UTC = findZone('UTC')!

/** Definitions often begin in 1601 or 1970, long before anything looked at: what is earlier than we know begins in 1970. */
function readOnset(text: string | undefined): number | undefined {
  const m = /^(\d{4})(\d{4}T\d{6})Z?$/.exec(text ?? '')
  const local = m && parseBasicLocalTime(`${Math.max(Number(m[1]), 1970)}${m[2]}`)
  return local ? wallMs(local) : undefined
}

function readOffset(text: string | undefined): number | undefined {
  const m = /^([+-])(\d{2}):?(\d{2})(\d{2})?$/.exec(text ?? '')
  if (m === null) return undefined
  const ms = Number(m[2]) * HOUR_MS + Number(m[3]) * MINUTE_MS + Number(m[4] ?? 0) * SECOND_MS
  // No clock is a day away from UTC; beyond that an expansion would leave its window.
  return ms > 18 * HOUR_MS ? undefined : m[1] === '-' ? -ms : ms
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
