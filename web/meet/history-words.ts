import { dayIn, dayOf, timeIn } from '../client/zone.ts'
import type { HistoryEntry } from './shapes.ts'

/** What one entry of a history says, without who and when: `moved it to Tue 24 Nov 10:00 (only Tue 24 Nov)`. */
export function historyWords({ action, changes, scope, recurrenceId }: HistoryEntry, zone: string): string {
  const done = Object.entries(changes).flatMap(([property, { after }]) => wordsOf(property, after, zone) ?? [])
  const what = done.length > 0 ? done.join(', ') : (ACTIONS[action] ?? 'changed it')
  return `${what}${reachWords(scope, recurrenceId)}`
}

/** `Ana for Ben`, where a delegate acted. */
export function actorWords({ actor, onBehalfOf }: Pick<HistoryEntry, 'actor' | 'onBehalfOf'>): string {
  const name = actor.name ?? 'Somebody'
  return onBehalfOf === null ? name : `${name} for ${onBehalfOf.name ?? 'somebody'}`
}

function wordsOf(property: string, after: unknown, zone: string): string | undefined {
  if (property === 'startTime' && typeof after === 'string') {
    const at = Date.parse(after)
    return `moved it to ${dayIn(zone, at)} ${timeIn(zone, at)}`
  }
  if (property === 'title' && typeof after === 'string') return `named it “${after}”`
  if (property === 'response' || property === 'status') return ANSWERS[String(after)] ?? 'answered'
  return PROPERTIES[property]
}

/** The end moves along with the start and is not said by itself. */
const PROPERTIES: Record<string, string> = {
  timezone: 'changed its time zone',
  recurrencePattern: 'changed how it repeats',
  description: 'changed its description',
  visibility: 'changed who may see it',
  roomIds: 'changed its rooms',
  participants: 'changed its people',
  leftOut: 'left out what did not fit',
}

const ANSWERS: Record<string, string> = {
  accepted: 'said yes',
  tentative: 'said perhaps',
  declined: 'said no',
  cancelled: 'cancelled it',
  confirmed: 'confirmed it',
}

const ACTIONS: Record<string, string> = {
  'meeting.book': 'booked it',
  'meeting.cancel': 'cancelled it',
  'meeting.restore': 'restored it',
  'participant.respond': 'answered',
}

function reachWords(scope: HistoryEntry['scope'], recurrenceId: string | null): string {
  if (scope === 'all' || recurrenceId === null) return ''
  const day = dayOf(`${recurrenceId.slice(0, 4)}-${recurrenceId.slice(4, 6)}-${recurrenceId.slice(6, 8)}`)
  return scope === 'this' ? ` (only ${day})` : ` (from ${day} on)`
}
