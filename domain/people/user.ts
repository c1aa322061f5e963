import type { Role } from '../identity/actor.ts'
import { formatInstant } from '../time/iso.ts'
import type { Instant } from '../time/instant.ts'

/** A person in one organisation. */
export interface User {
  id: string
  email: string
  firstName: string
  lastName: string
  department: string | null
  role: Role
  /** IANA name. */
  timezone: string
  workingHours: WorkingHours
  preferences: object
  version: number
  createdAt: Instant
  updatedAt: Instant
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** Spans `[from, until)` of local `HH:MM` in the person's own zone; an absent day is free. */
export type WorkingHours = Partial<Record<Weekday, [from: string, until: string][]>>

export const DEFAULT_WORKING_HOURS: WorkingHours = {
  mon: [['09:00', '17:00']],
  tue: [['09:00', '17:00']],
  wed: [['09:00', '17:00']],
  thu: [['09:00', '17:00']],
  fri: [['09:00', '17:00']],
}

export type NewUser = Pick<User, 'id' | 'email' | 'firstName' | 'lastName' | 'role'> &
  Partial<Pick<User, 'department' | 'timezone' | 'preferences' | 'workingHours'>>

export function newUser(given: NewUser, now: Instant): User {
  return {
    department: null,
    timezone: 'UTC',
    preferences: {},
    workingHours: DEFAULT_WORKING_HOURS,
    ...given,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

/** The contract's User. */
export type UserView = Omit<User, 'createdAt' | 'updatedAt'> & { createdAt: string; updatedAt: string }

export function userView(user: User): UserView {
  return {
    id: user.id,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    department: user.department,
    role: user.role,
    timezone: user.timezone,
    workingHours: user.workingHours,
    preferences: user.preferences,
    version: user.version,
    createdAt: formatInstant(user.createdAt),
    updatedAt: formatInstant(user.updatedAt),
  }
}
