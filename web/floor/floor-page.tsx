import { useEffect, useState } from 'preact/hooks'
import type { Problem, User } from '../client/contract.ts'
import { type Places, nearestFloor, readPlaces } from '../client/places.ts'
import { createRest } from '../client/rest.ts'
import type { Session } from '../client/session.ts'
import { Topics } from '../client/topics.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { FloorBoard } from './floor-board.tsx'
import { PageHead } from './page-head.tsx'
import { useHash } from '../ui/use-hash.ts'

interface FloorPageProps {
  session: Session
  user: User
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
    void readPlaces(rest).then((answer) => (answer.ok ? setPlaces(answer.value) : setProblem(answer.problem)))
  }, [attempt])

  const floor = places?.floors.find(({ id }) => id === chosen) ?? (places && nearestFloor(places, user))
  const building = places?.buildings.find(({ id }) => id === floor?.buildingId)
  const zone = building?.timezone ?? user.timezone
  return (
    <>
      <PageHead {...{ session, user, topics, floor, building, zone }} {...(places ?? EMPTY)} />
      <main>
        <h1 class="unseen">Rooms now and next</h1>
        {problem && (
          <div class="board-empty" role="alert">
            <ProblemLine problem={problem} />
            <button type="button" class="button" onClick={() => setAttempt(attempt + 1)}>
              Try again
            </button>
          </div>
        )}
        {floor && <FloorBoard key={floor.id} {...{ rest, topics, user, floor, zone }} />}
        {places && !floor && <p class="board-empty soft">There are no floors yet.</p>}
      </main>
    </>
  )
}

const EMPTY: Places = { buildings: [], floors: [] }
