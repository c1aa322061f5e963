/** Shapes of the public contract that only this page uses. Instants are ISO 8601 text. */

export type BusyKind = 'busy' | 'tentative' | 'hold' | 'external' | 'absent' | 'blocked'

interface SpanText {
  start: string
  end: string
}

/** How fresh what is known from one source is. */
export interface SourceText {
  source: string
  /** null: nothing of it was ever read. */
  freshAsOf: string | null
}

/** One person's or room's time, as `availability.watch` tells it. */
export interface SubjectText {
  id: string
  kind: 'person' | 'room'
  timezone?: string
  busy: (SpanText & { kind: BusyKind })[]
  /** null: it keeps no hours. */
  working: SpanText[] | null
  sources: SourceText[]
}

export interface AvailabilityText {
  subjects: SubjectText[]
}

/** What of it has changed; what is absent stands. `busy` replaces what lies within `window`, or all. */
export type SubjectDelta = Pick<SubjectText, 'id' | 'kind'> &
  Partial<SubjectText> & { window?: { from: string; to: string } }

/** `availability.changed`; with new starts only, nobody has changed. */
export interface AvailabilityDelta {
  subjects: SubjectDelta[]
}

export type VerdictWord = 'free' | 'busy' | 'tentative' | 'hold' | 'outside_hours' | 'absent' | 'rule' | 'unknown'

/** What one person or room says to a span. */
export interface Verdict {
  id: string
  verdict: VerdictWord
  /** A sentence. */
  reason: string
}

/** `POST /holds`. */
export interface Hold {
  id: string
  resourceIds: string[]
  start: string
  end: string
  expiresAt: string
  renewalsLeft: number
}

/** `POST /calendar/suggestions`. */
export interface Suggested {
  slots: { start: string; end: string; roomIds: string[]; reasons: string[] }[]
  blocking?: { sentence: string }[]
  /** The smallest first. */
  relaxations?: Relaxation[]
}

/** What could be asked otherwise, and how many times would work then. */
export interface Relaxation {
  change: { kind: string; userId?: string; userIds?: string[]; durationMinutes?: number; to?: string }
  slots: number
  sentence: string
}

/** An entry of `GET /users/:id/calendar`. Without a title: only that the time is taken may be known. */
export interface CalendarEntry {
  id: string
  kind: 'meeting' | 'external' | 'absence' | 'hold'
  start: string
  end: string
  status: string
  response?: string
  allDay: boolean
  busy: boolean
  meetingId?: string
  recurrenceId?: string
  title?: string
}

interface Named {
  id: string
  /** null: he is not here any more, or may not be known. */
  name: string | null
}

/** `GET /meetings/:id/history`. */
export interface HistoryEntry {
  id: string
  at: string
  actor: Named
  /** In whose name a delegate acted. */
  onBehalfOf: Named | null
  action: string
  scope: Scope
  recurrenceId: string | null
  changes: Record<string, { before?: unknown; after?: unknown }>
}

/** What of a series something is for (the contract's Scopes). */
export type Scope = 'this' | 'following' | 'all'
