import { useEffect, useState } from 'preact/hooks'
import type { User } from '../client/contract.ts'
import { createRest } from '../client/rest.ts'
import type { Session } from '../client/session.ts'
import { Topics } from '../client/topics.ts'
import { LinkLine } from '../ui/link-line.tsx'
import { SiteHead } from '../ui/site-head.tsx'
import { useMeetingAddress } from './meeting-address.ts'
import { MeetingView } from './meeting-view.tsx'
import { NextMeetings } from './next-meetings.tsx'

interface MeetingPageProps {
  session: Session
  user: User
}

/** In a frame of another page there is that page's head. */
const IS_FRAMED = window.parent !== window

/** The meeting that the address names; without one, those that come next. */
export function MeetingPage({ session, user }: MeetingPageProps) {
  const [rest] = useState(() => createRest(session))
  const [topics] = useState(() => new Topics(session))
  const id = useMeetingAddress()
  useEffect(() => () => topics.close(), [topics])
  return (
    <>
      {!IS_FRAMED && (
        <SiteHead
          page="/meeting"
          who={{ session, user }}
          status={<LinkLine link={topics.link} zone={user.timezone} />}
        />
      )}
      <main class="meeting" data-framed={IS_FRAMED}>
        {id === undefined ? (
          <NextMeetings {...{ topics, user }} />
        ) : (
          <MeetingView key={id} {...{ id, rest, topics, session, user }} />
        )}
      </main>
    </>
  )
}
