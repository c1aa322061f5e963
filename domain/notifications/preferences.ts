import { MINUTE_MS } from '../time/instant.ts'

/** What a person's free-form preferences say about being told. */
export interface Preferences {
  /** False: no mail at all. */
  email: boolean
  reminderMinutes: number
}

export const DEFAULT_REMINDER_MINUTES = 10
/** The earliest anybody can ask to be reminded: a week. */
export const MAX_REMINDER_MINUTES = 10_080
export const MAX_REMINDER_MS = MAX_REMINDER_MINUTES * MINUTE_MS

/** Preferences are whatever a client kept; what makes no sense counts as not said. */
export function preferencesOf(preferences: object): Preferences {
  const { email, reminderMinutes: given } = preferences as { email?: unknown; reminderMinutes?: unknown }
  const isMinutes = typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= MAX_REMINDER_MINUTES
  return { email: email !== false, reminderMinutes: isMinutes ? given : DEFAULT_REMINDER_MINUTES }
}

/** How long before a start this person is reminded. Guests have no preferences. */
export function remindsMs(preferences: Preferences | undefined): number {
  return (preferences?.reminderMinutes ?? DEFAULT_REMINDER_MINUTES) * MINUTE_MS
}
