import type { Actor } from '../../domain/identity/actor.ts'
import { bookDemoMeetings } from './book-demo-meetings.ts'
import { createDemoPeople } from './create-demo-people.ts'
import { createDemoPlaces } from './create-demo-places.ts'
import { demoId } from './demo-ids.ts'
import { DEMO_PASSWORD, type DemoLogin, demoColleagues, demoLogins } from './demo-people.ts'
import type { DemoDeps, DemoLoad } from './loading.ts'
import { withDemoLock } from './demo-lock.ts'
import { type DemoState, finishOrganization, foundOrganization, findOrganization } from './demo-organization.ts'
import { type DemoPerson, demoPeople } from './people.ts'
import { demoPlaces } from './places.ts'

export interface DemoSummary {
  organizationId: string
  /** Its name, which a login may give. */
  organization: string
  /** Somebody of every role, with a zone of his or her own where there is one. */
  logins: DemoLogin[]
  /** Whom the pulse acts for. */
  colleagues: DemoLogin[]
  /** Of every person in it. */
  password: string
  /** Whether this call loaded it, or the rest of it. */
  loaded: boolean
}

/**
 * Sees to it that the demo organisation is there: 60 people, 40 rooms, 1,500 meetings, the same each time. Everything goes
 * through the commands a client would use. It may be killed at any moment and called by several processes at once: all ids
 * are known beforehand, the next call adds what is missing, and the organisation gets its name last.
 */
export async function loadDemo(deps: DemoDeps): Promise<DemoSummary> {
  const organizationId = demoId('organization', 0)
  const before = await findOrganization(deps.pool, organizationId)
  if (before?.isFinished) return summary(before, false)
  return withDemoLock(deps.pool, async () => {
    const found = await findOrganization(deps.pool, organizationId)
    if (found?.isFinished) return summary(found, false)
    return summary(await load(deps, organizationId), true)
  })
}

async function load(deps: DemoDeps, organizationId: string): Promise<DemoState> {
  const since = performance.now()
  const { foundedAt } = await foundOrganization(deps.pool, organizationId, deps.now())
  const people = demoPeople()
  const places = demoPlaces()
  const load: DemoLoad = { ...deps, organizationId, foundedAt, actorOf: actors(organizationId) }
  await createDemoPeople(load, people, DEMO_PASSWORD)
  await createDemoPlaces(load, people[0]!, places)
  const meetings = await bookDemoMeetings(load, people, places.rooms)
  const state = await finishOrganization(deps.pool, organizationId)
  deps.log.info({ event: 'demo.loaded', organizationId, ms: Math.round(performance.now() - since), ...meetings })
  return state
}

function actors(organizationId: string): (person: DemoPerson) => Actor {
  const sessionId = demoId('session', 0)
  return ({ id, role }) => ({ organizationId, userId: id, role, sessionId, requestId: 'demo' })
}

function summary({ id, name }: DemoState, loaded: boolean): DemoSummary {
  const people = { logins: demoLogins(), colleagues: demoColleagues(), password: DEMO_PASSWORD }
  return { organizationId: id, organization: name, ...people, loaded }
}
