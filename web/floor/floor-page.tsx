import { useEffect, useState } from 'preact/hooks'
import type { Building, Floor, Problem, User } from '../client/contract.ts'
import { type Rest, createRest } from '../client/rest.ts'
import type { Session } from '../client/session.ts'
import { Topics } from '../client/topics.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { FloorBoard } from './floor-board.tsx'
import { PageHead } from './page-head.tsx'
import { useHash } from './use-hash.ts'

interface FloorPageProps {
  session: Session
  user: User
}

interface Places {
  buildings: Building[]
  /** From the ground up. */
  floors: Floor[]
}

/** The floors of the organisation, one at a time; which one stands in the address. */
export function FloorPage({ session, user }: FloorPageProps) {
  const [rest] = useState(() => createRest(session))
  const [topics] = useState(() => new Topics(session))
  const [places, setPlaces] = useState<Places>()
  const [problem, setProblem] = useState<Problem>()
  const [attempt, setAttempt] = useState(0)
  const chosen = useHash('floor')
  useEffect(() => () => topics.close(), [topics])
  useEffect(() => {
    setProblem(undefined)
    void readPlaces(rest).then((answer) => ('problem' in answer ? setProblem(answer.problem) : setPlaces(answer)))
  }, [attempt])

  const floor = places?.floors.find(({ id }) => id === chosen) ?? (places && nearest(places, user))
  const building = places?.buildings.find(({ id }) => id === floor?.buildingId)
  const zone = building?.timezone ?? user.timezone
  return (
    <>
      <PageHead {...{ session, user, topics, floor, building, zone }} {...(places ?? EMPTY)} />
      <main>
        {problem && (
          <div class="board-empty" role="alert">
            <ProblemLine problem={problem} />
            <button type="button" class="button" onClick={() => setAttempt(attempt + 1)}>
              Try again
            </button>
          </div>
        )}
        {floor && <FloorBoard key={floor.id} {...{ rest, topics, floor, zone }} />}
        {places && !floor && <p class="board-empty soft">There are no floors yet.</p>}
      </main>
    </>
  )
}

const EMPTY: Places = { buildings: [], floors: [] }

/** Until somebody chooses: a floor where the clock is the person's own. */
function nearest({ buildings, floors }: Places, user: User): Floor | undefined {
  const home = buildings.find(({ timezone }) => timezone === user.timezone)
  return floors.find(({ buildingId }) => buildingId === home?.id) ?? floors[0]
}

async function readPlaces(rest: Rest): Promise<Places | { problem: Problem }> {
  const [buildings, floors] = await Promise.all([rest.list<Building>('/buildings'), rest.list<Floor>('/floors')])
  if (!buildings.ok) return buildings
  if (!floors.ok) return floors
  const order = new Map(buildings.value.map(({ id }, i) => [id, i]))
  const place = (floor: Floor) => order.get(floor.buildingId) ?? order.size
  const sorted = floors.value.toSorted((a, b) => place(a) - place(b) || a.level - b.level)
  return { buildings: buildings.value, floors: sorted }
}
