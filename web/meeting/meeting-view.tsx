import { useEffect } from 'preact/hooks'
import type { User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Session } from '../client/session.ts'
import type { Topics } from '../client/topics.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { MeetingFacts } from './meeting-facts.tsx'
import { MeetingSheet } from './meeting-sheet.tsx'
import { useMeeting } from './use-meeting.ts'

interface MeetingViewProps {
  id: string
  rest: Rest
  topics: Topics
  session: Session
  user: User
}

/** One meeting: all of it, only its time, or why not even that. */
export function MeetingView({ id, rest, topics, session, user }: MeetingViewProps) {
  const { meeting, problem, retry } = useMeeting(rest, topics, id)
  const title = meeting?.title ?? undefined
  useEffect(() => {
    document.title = title === undefined ? 'Convoke: meeting' : `${title} · Convoke`
  }, [title])
  if (meeting === undefined) {
    if (problem === undefined) return <div class="board-empty" aria-busy="true" />
    return (
      <div class="board-empty" role="alert">
        {problem.status === 404 ? (
          <>
            <h1>This meeting is not for you</h1>
            <p class="soft">It does not exist, or you may not see it (any more).</p>
          </>
        ) : (
          <ProblemLine problem={problem} />
        )}
        <p class="meeting-ways">
          {problem.status !== 404 && (
            <button type="button" class="button" onClick={retry}>
              Try again
            </button>
          )}
          <a href="/meeting#">Your next meetings</a>
        </p>
      </div>
    )
  }
  if (title === undefined) {
    return (
      <section class="sheet-head" aria-label="Meeting">
        <h1>Private meeting</h1>
        <MeetingFacts {...{ meeting, rest, user }} />
        <p class="notice-line">This meeting is private: you see when it is, and not what it is about.</p>
      </section>
    )
  }
  return <MeetingSheet {...{ meeting, rest, session, user }} />
}
