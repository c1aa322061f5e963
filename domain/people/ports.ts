import type { Absence, TimeRules } from '../availability/person-rules.ts'
import type { Clock, Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import type { Passwords } from '../identity/ports.ts'
import type { AuditEntry, NewsEvent } from '../news.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { User } from './user.ts'

/** A day on which nobody works who keeps the calendar. `date` is `YYYY-MM-DD`, in each person's own zone. */
export interface Holiday {
  date: string
  name: string
}

/** What a person says of his time, beside the usual week that every view of him shows. */
export interface PersonTime {
  rules: TimeRules
  absences: Absence[]
}

/** What commands on people need of one transaction. Lock order: owners, then the person. */
export interface PeopleTx {
  /** Locks the organisation's owners, so that two of them cannot demote each other at once; answers their ids. */
  lockOwners(): Promise<string[]>
  /** Locks the person; undefined when this organisation has none with that id. */
  load(id: string): Promise<User | undefined>
  /** False: somebody here has this e-mail address. Nothing may be written after that. */
  insert(user: User): Promise<boolean>
  /** Lets the person sign in here with that password, here only; without one the door is there but closed. */
  giveAccess(user: User, passwordHash: string | undefined): Promise<void>
  update(user: User): Promise<void>
  /** Of a person who was loaded. */
  timeOf(userId: string): Promise<PersonTime>
  /** What is absent stays. */
  updateTime(userId: string, time: Partial<PersonTime>): Promise<void>
  /** Ids of those who may act for him, in their order. */
  delegatesOf(userId: string): Promise<string[]>
  setDelegates(userId: string, delegateIds: readonly string[], now: Instant): Promise<void>
  /** Of these ids those of people of this organisation; panels are none. */
  peopleAmong(ids: readonly string[]): Promise<string[]>
  /** One writer of a holiday calendar at a time, whether it is there yet or not. */
  lockHolidays(calendar: string): Promise<void>
  /** In the order of days; none: there is no such calendar. */
  holidaysOf(calendar: string): Promise<Holiday[]>
  setHolidays(calendar: string, items: readonly Holiday[]): Promise<void>
  /** Makes a changed role take effect on every node. */
  noteAccessChange(userId: string, now: Instant): Promise<void>
  record(actor: Actor, entry: { events: NewsEvent[]; audit: AuditEntry }): Promise<void>
}

export interface PeopleDeps extends Clock, Ids {
  passwords: Passwords
  /** One transaction; only an `ok` commits. */
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: PeopleTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
