import { useEffect, useState } from 'preact/hooks'
import type { User } from '../client/contract.ts'
import { createRest } from '../client/rest.ts'
import type { Session } from '../client/session.ts'
import { Topics } from '../client/topics.ts'
import { LinkLine } from '../ui/link-line.tsx'
import { SiteHead } from '../ui/site-head.tsx'
import { hashFor, useHash } from '../ui/use-hash.ts'
import { useStore } from '../ui/use-store.ts'
import { CalendarView } from './calendar-view.tsx'
import { FindView } from './find-view.tsx'

interface MeetPageProps {
  session: Session
  user: User
}

const VIEWS = { find: 'Find a time', calendar: 'My calendar' } as const

/** Finds a time for everybody, and shows one’s own. */
export function MeetPage({ session, user }: MeetPageProps) {
  const [rest] = useState(() => createRest(session))
  const [topics] = useState(() => new Topics(session))
  const view = useHash('view') === 'calendar' ? 'calendar' : 'find'
  const { phase } = useStore(topics.link)
  useEffect(() => () => topics.close(), [topics])
  return (
    <>
      <SiteHead page="/meet" who={{ session, user }} status={<LinkLine link={topics.link} zone={user.timezone} />}>
        <nav class="tabs meet-tabs" aria-label="Views">
          {Object.entries(VIEWS).map(([name, words]) => (
            <a key={name} href={hashFor('view', name)} aria-current={name === view ? 'page' : undefined}>
              {words}
            </a>
          ))}
        </nav>
      </SiteHead>
      <main class="meet" data-stale={phase === 'reconnecting'}>
        <h1 class="unseen">{VIEWS[view]}</h1>
        {view === 'find' ? <FindView {...{ rest, topics, user }} /> : <CalendarView {...{ rest, topics, user }} />}
      </main>
    </>
  )
}
