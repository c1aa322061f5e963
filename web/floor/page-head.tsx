import type { Building, Floor, User } from '../client/contract.ts'
import type { Session } from '../client/session.ts'
import type { Topics } from '../client/topics.ts'
import { dayIn, timeIn, zoneWords } from '../client/zone.ts'
import { LinkLine } from '../ui/link-line.tsx'
import { SiteHead } from '../ui/site-head.tsx'
import { hashFor } from '../ui/use-hash.ts'
import { useNow } from '../ui/use-now.ts'

interface PageHeadProps {
  session: Session
  user: User
  topics: Topics
  buildings: readonly Building[]
  floors: readonly Floor[]
  building: Building | undefined
  floor: Floor | undefined
  zone: string
}

/** Where one is, what time it is there, how fresh the page is. */
export function PageHead({ session, user, topics, buildings, floors, building, floor, zone }: PageHeadProps) {
  const now = useNow(10_000)
  const show = (buildingId: string) => {
    const first = floors.find((candidate) => candidate.buildingId === buildingId)
    if (first !== undefined) location.hash = hashFor('floor', first.id)
  }
  return (
    <SiteHead page="/floor" who={{ session, user }} status={<LinkLine link={topics.link} zone={zone} />}>
      <div class="head-row head-place">
        <label class="head-building">
          <span class="unseen">Building</span>
          <select class="select" value={building?.id} onChange={(event) => show(event.currentTarget.value)}>
            {buildings.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <nav class="tabs" aria-label="Floors">
          {floors
            .filter(({ buildingId }) => buildingId === building?.id)
            .map(({ id, name }) => (
              <a key={id} href={hashFor('floor', id)} aria-current={id === floor?.id ? 'page' : undefined}>
                {name}
              </a>
            ))}
        </nav>
        <p class="head-time soft figures">
          {building && (
            <>
              <strong>{timeIn(zone, now)}</strong> {dayIn(zone, now)}, {zoneWords(zone, now)}
            </>
          )}
        </p>
      </div>
    </SiteHead>
  )
}
