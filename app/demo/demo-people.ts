import type { Role } from '../../domain/identity/actor.ts'
import { type DemoPerson, demoPeople } from './people.ts'

export interface DemoLogin {
  email: string
  name: string
  role: Role
  timezone: string
}

/** Of every person in the demo. */
export const DEMO_PASSWORD = 'convoke-demo'

const RACERS = 10
const COLLEAGUES = 9

/** Somebody of every role, with a zone of his or her own where there is one. */
export function demoLogins(): DemoLogin[] {
  const people = demoPeople()
  const roles = ['owner', 'admin', 'room_manager', 'member', 'guest', 'auditor'] as const
  const shown: DemoPerson[] = []
  for (const role of roles) {
    const candidates = people.filter((person) => person.role === role)
    const other = candidates.find((person) => !shown.some(({ timezone }) => timezone === person.timezone))
    shown.push((other ?? candidates[0])!)
  }
  return shown.map(loginOf)
}

/** Members who race for a room in the tour. */
export function demoRacers(): DemoLogin[] {
  return others()
    .filter(({ role }) => role === 'member')
    .slice(0, RACERS)
    .map(loginOf)
}

/** Whom the pulse acts for: a room manager first, then members of every zone. Nobody whom a visitor signs in as. */
export function demoColleagues(): DemoLogin[] {
  const manager = others().find(({ role }) => role === 'room_manager')!
  const members = others()
    .filter(({ role }) => role === 'member')
    .slice(RACERS)
  const step = Math.floor(members.length / COLLEAGUES)
  return [manager, ...members.filter((_, i) => i % step === 0).slice(0, COLLEAGUES)].map(loginOf)
}

function others(): DemoPerson[] {
  const shown = demoLogins().map(({ email }) => email)
  return demoPeople().filter(({ email }) => !shown.includes(email))
}

function loginOf({ email, firstName, lastName, role, timezone }: DemoPerson): DemoLogin {
  return { email, name: `${firstName} ${lastName}`, role, timezone }
}
