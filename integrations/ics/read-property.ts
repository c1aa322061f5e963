import ICAL from 'ical.js'
import type { ContentLine } from './content-lines.ts'

/** One property with its values as ical.js reads them: unescaped texts, times as `2026-11-24T10:00:00Z`. */
export interface Property {
  /** Lower case. */
  name: string
  params: Record<string, string | string[] | undefined>
  values: unknown[]
  /** As in the file, parameters left out. */
  raw: string
}

/** Throws on a line that is none. Rules are left as they are: ours are read by our own reader. */
export function readProperty({ text }: ContentLine): Property {
  const isRule = /^RRULE\s*[;:]/i.test(text)
  const line = isRule ? text.replace(/^RRULE/i, 'X-RRULE') : text
  const [name, params, , ...values] = ICAL.parse.property(line) as [string, Property['params'], string, ...unknown[]]
  return { name: isRule ? 'rrule' : name.trim(), params, values, raw: text.slice(text.indexOf(':') + 1) }
}

export function paramOf({ params }: Property, name: string): string | undefined {
  const value = params[name]
  return Array.isArray(value) ? value[0] : value
}

/** ICAL.Duration reads sign, weeks, days and times; milliseconds. Throws on anything else. */
export function durationMs(text: string): number {
  return ICAL.Duration.fromString(text).toSeconds() * 1000
}
