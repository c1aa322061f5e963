import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Meeting, User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Session } from '../client/session.ts'
import { timeIn } from '../client/zone.ts'
import { useNames } from '../ui/use-names.ts'
import { useStore } from '../ui/use-store.ts'
import { ActionsPart } from './actions-part.tsx'
import { AgendaPart } from './agenda-part.tsx'
import { BoundText } from './bound-text.tsx'
import { MeetingFacts } from './meeting-facts.tsx'
import { mayWrite, readOnlyWords } from './meeting-words.ts'
import { NotesPart } from './notes-part.tsx'
import { PeoplePart } from './people-part.tsx'
import { introduce } from './presence.ts'
import { PresentLine } from './present-line.tsx'
import { SaveLine } from './save-line.tsx'
import { type DocState, SharedDoc } from './shared-doc.ts'
import { sourceOf } from './text-source.ts'
import { usePresent } from './use-present.ts'

interface MeetingSheetProps {
  meeting: Meeting
  rest: Rest
  session: Session
  user: User
}

const SESSION_OVER = 4401
const MAX_TITLE = 500
const MAX_DESCRIPTION = 20_000

/** A meeting with its document. Begun anew, a document holds what is stored and nothing else. */
export function MeetingSheet(props: MeetingSheetProps) {
  const [turn, setTurn] = useState(0)
  return <OpenSheet key={turn} {...props} onAnew={() => setTurn(turn + 1)} />
}

function OpenSheet({ meeting, rest, session, user, onAnew }: MeetingSheetProps & { onAnew: () => void }) {
  const shared = useSharedDoc(rest, meeting.id, user)
  return shared && <Sheet {...{ meeting, rest, session, user, shared, onAnew }} />
}

function Sheet({
  meeting,
  rest,
  session,
  user,
  shared,
  onAnew,
}: MeetingSheetProps & { shared: SharedDoc; onAnew: () => void }) {
  const state = useStore(shared.state)
  const names = useNames(rest, meeting)
  const present = usePresent(shared.awareness, user.id)
  const may = mayWrite(meeting, user)
  const since = useLossOf(may)
  const isReadOnly = !may || state.denied !== undefined || state.phase === 'ended'
  const title = useMemo(() => sourceOf(shared.title), [shared])
  const description = useMemo(() => sourceOf(shared.description), [shared])
  useEffect(() => {
    if (may) shared.forgive()
  }, [may])
  useEffect(() => {
    if (state.end?.code === SESSION_OVER) session.end(overWords(state))
  }, [state.end])
  const isOpen = state.phase !== 'opening'
  return (
    <div
      class="sheet"
      data-phase={state.phase}
      onFocusIn={(event) => shared.awareness.setLocalStateField('part', partOf(event.target))}
      onFocusOut={() => shared.awareness.setLocalStateField('part', null)}
      onKeyDown={(event) => undoKeys(event, shared)}
    >
      <header class="sheet-head">
        <h1 class="unseen">{meeting.title}</h1>
        {isOpen ? (
          <BoundText
            class="sheet-title"
            label="Title"
            source={title}
            maxLength={MAX_TITLE}
            isReadOnly={isReadOnly}
            placeholder="Untitled"
          />
        ) : (
          <p class="sheet-title" aria-hidden="true">
            {meeting.title}
          </p>
        )}
        <MeetingFacts {...{ meeting, rest, user }} />
        <div class="sheet-state">
          <SaveLine state={state} isReadOnly={!may} />
          <PresentLine present={present} />
        </div>
        <WhyNot
          {...{ state, meeting, may, onAnew }}
          since={since === undefined ? undefined : timeIn(user.timezone, since)}
        />
      </header>
      {isOpen && (
        <div class="sheet-parts">
          <div class="sheet-main">
            <section class="part part-description" aria-label="Description" data-part="Description">
              <BoundText
                class="description"
                label="Description"
                source={description}
                maxLength={MAX_DESCRIPTION}
                isReadOnly={isReadOnly}
                isLong
                placeholder={isReadOnly ? 'No description.' : 'What is it about?'}
              />
            </section>
            <NotesPart shared={shared} isReadOnly={isReadOnly} />
          </div>
          <div class="sheet-side">
            <AgendaPart shared={shared} isReadOnly={isReadOnly} minutes={minutesOf(meeting)} />
            <ActionsPart shared={shared} isReadOnly={isReadOnly} names={names} />
            <PeoplePart meeting={meeting} names={names} present={present} />
          </div>
        </div>
      )}
    </div>
  )
}

function useSharedDoc(rest: Rest, meetingId: string, user: User): SharedDoc | undefined {
  const [shared, setShared] = useState<SharedDoc>()
  useLayoutEffect(() => {
    const opened = new SharedDoc({ rest, meetingId, userId: user.id })
    introduce(opened.awareness, user)
    setShared(opened)
    return () => opened.close()
  }, [meetingId])
  return shared
}

/** When the right to write was lost while the page was open; undefined: it was not, or is back. */
function useLossOf(may: boolean): number | undefined {
  const had = useRef(may)
  const [lostAt, setLostAt] = useState<number>()
  useEffect(() => {
    setLostAt(had.current && !may ? Date.now() : undefined)
    had.current = may
  }, [may])
  return lostAt
}

interface WhyNotProps {
  state: DocState
  meeting: Meeting
  may: boolean
  /** `10:42`, when the right to write was lost; undefined: there never was one. */
  since: string | undefined
  onAnew: () => void
}

/** Why one cannot write, or not any more; told to screen readers when it comes about. */
function WhyNot({ state, meeting, may, since, onAnew }: WhyNotProps) {
  const words = whyNot({ state, meeting, may, since })
  const isLoss = may ? state.denied !== undefined : since !== undefined
  const lost = isLoss ? state.waiting : 0
  return (
    <div class="why-not" role="status">
      {words !== undefined && <p class="notice-line">{words}</p>}
      {lost > 0 && (
        <p class="notice-line">
          What you wrote last was not taken: copy what you need.{' '}
          <button type="button" class="button" onClick={onAnew}>
            Show what is stored
          </button>
        </p>
      )}
    </div>
  )
}

function whyNot({ state, meeting, may, since }: Omit<WhyNotProps, 'onAnew'>): string | undefined {
  if (state.phase === 'ended')
    return 'You may not see this document any more. What you see here is how it was until then.'
  if (!may && since !== undefined) return `You are not one of its people any more: read only since ${since}.`
  if (!may) return readOnlyWords(meeting)
  return state.denied
}

function overWords({ waiting }: DocState): string {
  const over = 'Your session has ended. Please sign in again.'
  if (waiting === 0) return over
  return `${over} What you wrote is kept in this page and sent then.`
}

/** The part of the page that somebody is in, as others are told. */
function partOf(target: EventTarget | null): string | null {
  if (!(target instanceof HTMLElement)) return null
  if (target.classList.contains('sheet-title')) return 'Title'
  return target.closest<HTMLElement>('[data-part]')?.dataset['part'] ?? null
}

/** The browser's own undo knows nothing of what others wrote in between. Notes have their own. */
function undoKeys(event: KeyboardEvent, { undo }: SharedDoc): void {
  const isField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
  if (!isField || !(event.ctrlKey || event.metaKey) || event.altKey) return
  const key = event.key.toLowerCase()
  if (key !== 'z' && key !== 'y') return
  event.preventDefault()
  if (key === 'y' || event.shiftKey) undo.redo()
  else undo.undo()
}

function minutesOf({ startTime, endTime }: Meeting): number {
  return Math.round((Date.parse(endTime) - Date.parse(startTime)) / 60_000)
}
