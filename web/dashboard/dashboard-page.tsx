import { useEffect, useState } from 'preact/hooks'
import type { User } from '../client/contract.ts'
import { Graph } from '../client/graph.ts'
import { organizationOf } from '../client/organization-of.ts'
import { type Places, nearestFloor, readPlaces, zoneOf } from '../client/places.ts'
import { createRest } from '../client/rest.ts'
import type { Session } from '../client/session.ts'
import { LinkLine } from '../ui/link-line.tsx'
import { ProblemLine } from '../ui/problem-line.tsx'
import { SiteHead } from '../ui/site-head.tsx'
import { useHash } from '../ui/use-hash.ts'
import { useStore } from '../ui/use-store.ts'
import { DASHBOARD, type DashboardItem, FLOOR, type FloorItem } from './dashboard-shapes.ts'
import { FloorsTable } from './floors-table.tsx'
import { RoomTiles } from './room-tiles.tsx'
import { Totals } from './totals.tsx'
import { useLive } from './use-live.ts'

interface DashboardPageProps {
  session: Session
  user: User
}

/** All floors live: booked against occupied; and the rooms of the one that was chosen. */
export function DashboardPage({ session, user }: DashboardPageProps) {
  const [graph] = useState(() => new Graph(session))
  const [scope, setScope] = useState<string>()
  const [places, setPlaces] = useState<Places>()
  const home = places && nearestFloor(places, user)?.id
  const chosen = useHash('floor') ?? home
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const begin = async () => {
      const [token, answer] = await Promise.all([session.token(), readPlaces(createRest(session))])
      if (token.ok && answer.ok) {
        setScope(organizationOf(token.value))
        setPlaces(answer.value)
      } else timer = setTimeout(() => void begin(), RETRY_MS)
    }
    void begin()
    return () => {
      clearTimeout(timer)
      graph.close()
    }
  }, [])
  const { item, problem } = useLive<DashboardItem>(
    graph,
    scope === undefined ? undefined : { field: 'dashboard', query: DASHBOARD, variables: { scope } },
  )
  const dashboard = item?.dashboard ?? undefined
  const floor = places && (dashboard?.floors.find(({ floorId }) => floorId === chosen) ?? dashboard?.floors[0])
  const floorId = floor?.floorId
  const rooms = useLive<FloorItem>(
    graph,
    floorId === undefined ? undefined : { field: 'floorState', query: FLOOR, variables: { floorId } },
  )
  const { phase } = useStore(graph.link)
  return (
    <>
      <SiteHead
        page="/dashboard"
        who={{ session, user }}
        status={<LinkLine link={graph.link} zone={user.timezone} />}
      />
      <main class="dash" data-stale={phase === 'reconnecting'}>
        <h1 class="unseen">Rooms, booked and used</h1>
        {problem && (
          <div role="alert">
            <ProblemLine problem={problem} />
          </div>
        )}
        {dashboard && <Totals totals={dashboard.totals} />}
        {dashboard && floor && (
          <div class="dash-parts">
            <FloorsTable floors={dashboard.floors} chosen={floor.floorId} />
            <RoomTiles
              floor={floor}
              rooms={rooms.item?.floor?.rooms}
              problem={rooms.problem}
              zone={zoneOf(places, floor.floorId) ?? user.timezone}
            />
          </div>
        )}
        {dashboard && places && !floor && <p class="board-empty soft">There are no floors yet.</p>}
      </main>
    </>
  )
}

const RETRY_MS = 2_000
