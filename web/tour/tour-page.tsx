import { useEffect, useState } from 'preact/hooks'
import type { Problem, User } from '../client/contract.ts'
import { Session } from '../client/session.ts'
import { LinkLine } from '../ui/link-line.tsx'
import { ProblemLine } from '../ui/problem-line.tsx'
import { SiteHead } from '../ui/site-head.tsx'
import { useStore } from '../ui/use-store.ts'
import { ClockStep } from './clock-step.tsx'
import { Counters } from './counters.tsx'
import { Colleagues, type Demo, enter, isManager, ownerOf, readDemo } from './demo.ts'
import { DuetStep } from './duet-step.tsx'
import type { Guide } from './guide.ts'
import { LiveOffice } from './live-office.ts'
import { NodesWatch } from './nodes.ts'
import { OutageStep } from './outage-step.tsx'
import { PagesList } from './pages-list.tsx'
import { PanelStep } from './panel-step.tsx'
import { RaceStep } from './race-step.tsx'

/** What Convoke claims, to be tried: five steps in a demo, and elsewhere where to go. */
export function TourPage() {
  const [session] = useState(() => new Session())
  const [demo, setDemo] = useState<Demo | null | Problem>()
  const { user } = useStore(session.state)
  useEffect(() => {
    void readDemo().then(setDemo)
  }, [])
  const shown = demo && 'logins' in demo ? demo : undefined
  const isInside = shown !== undefined && isManager(shown, user)
  return (
    <>
      {!isInside && <SiteHead page="/" who={user && { session, user }} />}
      {isInside && user ? (
        <Inside key={user.id} {...{ demo: shown, session, user }} />
      ) : (
        <main class="tour">
          <Claim />
          {shown && <Entrance demo={shown} session={session} user={user} />}
          {demo && 'detail' in demo && <ProblemLine problem={demo} />}
          {demo !== undefined && <PagesList />}
        </main>
      )}
    </>
  )
}

function Claim() {
  return (
    <div class="claim">
      <h1>Rooms, booked once and live everywhere</h1>
      <p class="soft">
        No double booking, no gap in the news, and every answer explains itself. Do not take our word for it.
      </p>
    </div>
  )
}

interface EntranceProps {
  demo: Demo
  session: Session
  /** Somebody who may not do what the tour does. */
  user: User | undefined
}

function Entrance({ demo, session, user }: EntranceProps) {
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const act = async () => {
    if (isBusy) return
    setBusy(true)
    setProblem(await enter(demo, session))
    setBusy(false)
  }
  const { name } = ownerOf(demo)
  return (
    <div class="entrance">
      <button type="button" class="button-main entrance-button" aria-disabled={isBusy} onClick={() => void act()}>
        Enter the demo office
      </button>
      <p class="soft small">
        {user === undefined
          ? `As ${name}, its owner. Five steps, one click each; the requests behind every button are shown.`
          : `You are signed in as ${user.firstName} ${user.lastName}, who may not do all of it. This enters as ${name}.`}
      </p>
      <div role="alert">{problem && <ProblemLine problem={problem} />}</div>
      <ol class="entrance-steps">
        {STEPS.map((title) => (
          <li key={title}>{title}</li>
        ))}
      </ol>
    </div>
  )
}

const STEPS = [
  '100 people race for one room',
  'A node is killed, and nobody misses anything',
  'Two write in one document on two nodes',
  'A panel beside a door, one on your phone',
  'A series across the night the clocks change',
]

function Inside({ demo, session, user }: Pick<Guide, 'demo' | 'session' | 'user'>) {
  const [guide, setGuide] = useState<Guide>()
  useEffect(() => {
    const office = new LiveOffice(session)
    const nodes = new NodesWatch(session)
    setGuide({ demo, session, user, colleagues: new Colleagues(demo), office, nodes })
    return () => {
      office.close()
      nodes.close()
    }
  }, [])
  if (guide === undefined) return null
  return (
    <>
      <SiteHead page="/" who={{ session, user }} status={<LinkLine link={guide.office.link} zone={user.timezone} />} />
      <main class="tour">
        <Claim />
        <Counters office={guide.office} nodes={guide.nodes} />
        <RaceStep {...guide} />
        <OutageStep {...guide} />
        <DuetStep {...guide} />
        <PanelStep {...guide} />
        <ClockStep {...guide} />
        <h2 class="tour-next">Look around</h2>
        <PagesList />
      </main>
    </>
  )
}
