import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Answer, Booked, Problem, Room, User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import type { Topics } from '../client/topics.ts'
import { addDays, dateIn, instantIn } from '../client/zone.ts'
import { useNow } from '../ui/use-now.ts'
import { type Span, dayAxis, hoursFor, mondayOf, workdayFrom } from './day-axis.ts'
import { DaySteps } from './day-steps.tsx'
import { FreshnessLine } from './freshness-line.tsx'
import { HeatMap } from './heat-map.tsx'
import { HoldPart } from './hold-part.tsx'
import { PlanBar } from './plan-bar.tsx'
import { hasChoice, heldIn } from './plan-standing.ts'
import { planOf, watchedIn, withRooms } from './plan.ts'
import type { Slot } from './slot-button.tsx'
import { spanOf } from './subjects.ts'
import { SuggestionsPart } from './suggestions-part.tsx'
import { useAvailability } from './use-availability.ts'
import { useNotice } from './use-notice.ts'
import { useKeptHold, useOwnHold } from './use-own-hold.ts'
import { useProposal } from './use-proposal.ts'
import { useRead } from './use-read.ts'
import { useSuggestions } from './use-suggestions.ts'
import { WeekHeat } from './week-heat.tsx'

interface FindViewProps {
  rest: Rest
  topics: Topics
  user: User
}

const TICK_MS = 10_000
const NOTICE_MS = 10_000

/** Looks for a time that suits everybody, holds it and books it. */
export function FindView({ rest, topics, user }: FindViewProps) {
  const now = useNow(TICK_MS)
  const zone = user.timezone
  const [plan, setPlan] = useState(() => planOf(user))
  const [date, setDate] = useState(() => workdayFrom(now, zone))
  const [view, setView] = useState<'day' | 'week'>('day')
  const [wanted, setWanted] = useState<Slot>()
  const [title, setTitle] = useState('')
  const { notice, say, box: noticeBox } = useNotice<Booked>(NOTICE_MS)
  const allRooms = useRooms(rest, topics)
  const rooms = allRooms.ok ? allRooms.value : NO_ROOMS
  const box = useRef<HTMLDivElement>(null)
  const watched = watchedIn(plan)
  const week = useMemo(() => weekSpan(date, zone), [mondayOf(date), zone])
  const subjects = useAvailability(topics, watched, week)
  const working = useMemo(() => [...subjects.values()].flatMap((subject) => subject.working ?? []), [subjects])
  const axis = useAxis(date, zone, working)
  const proposal = useProposal(rest, topics, plan)
  const { suggested, problem } = useSuggestions(rest, plan, week, subjects)
  useKeptHold(proposal.hold, plan, title)
  const toTitle = () => requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('[name="title"]')?.focus())
  const toGrid = () => box.current?.querySelector<HTMLElement>('[role="gridcell"][tabindex="0"]')?.focus()
  const take = (slot: Slot) => {
    setDate(dateIn(zone, spanOf(slot).start))
    setView('day')
    setPlan(withRooms(plan, slot.roomIds, rooms))
    setWanted(slot)
  }
  useOwnHold(rest, topics, (found) => {
    setPlan(found.plan)
    setTitle(found.title)
    setDate(dateIn(zone, Date.parse(found.hold.start)))
    proposal.adopt(found.hold)
  })
  // Only then the proposal is about the rooms of that slot.
  useEffect(() => {
    if (wanted === undefined) return
    setWanted(undefined)
    const isFree = wanted.roomIds.map((id) => ({ id, verdict: 'free' as const }))
    void proposal.drop(heldIn(plan, isFree), spanOf(wanted)).then((isHeld) => isHeld && toTitle())
  }, [wanted])
  return (
    <div ref={box} class="find">
      <PlanBar {...{ rest, plan, now }} rooms={allRooms} onChange={setPlan} />
      <div class="find-parts">
        <div class="find-main">
          <DaySteps {...{ date, view, zone, now }} onDate={setDate} onView={setView} />
          {view === 'day' ? (
            <HeatMap {...{ plan, subjects, axis, user, now, proposal }} onHeld={toTitle} />
          ) : (
            <WeekHeat
              {...{ date, zone, subjects, working }}
              isOneRoomEnough={hasChoice(plan)}
              total={plan.invited.length}
              onDay={(day) => {
                setDate(day)
                setView('day')
              }}
            />
          )}
          <FreshnessLine {...{ plan, subjects, now, zone }} />
        </div>
        <div class="find-side">
          <HoldPart
            {...{ plan, user, now, proposal, rooms, title }}
            onTitle={setTitle}
            onBooked={say}
            onLeave={toGrid}
            onTake={take}
          />
          <SuggestionsPart
            {...{ suggested, problem, plan, zone, rooms }}
            onTake={take}
            onRelax={(less, day) => {
              setPlan(less)
              if (day !== undefined) setDate(day)
              // The button that was pressed goes away.
              box.current?.querySelector<HTMLElement>('#suggestions-title')?.focus()
            }}
          />
        </div>
      </div>
      <div ref={noticeBox} class="notice" role="status">
        {notice && (
          <>
            <span>Booked: {notice.meeting.title}.</span> <a href={`/meeting#${notice.meeting.id}`}>Write its agenda</a>
          </>
        )}
      </div>
    </div>
  )
}

/** One watch serves all days of a week. */
function weekSpan(date: string, zone: string): Span {
  const monday = mondayOf(date)
  return { start: instantIn(zone, monday, '00:00'), end: instantIn(zone, addDays(monday, 7), '00:00') }
}

/** The same object as long as it shows the same: rows are drawn anew only when they change. */
function useAxis(date: string, zone: string, working: readonly Span[]) {
  const axis = useMemo(() => dayAxis(date, zone, hoursFor([date], zone, working)), [date, zone, working])
  const kept = useRef(axis)
  if (kept.current.start !== axis.start || kept.current.end !== axis.end) kept.current = axis
  return kept.current
}

/** By name. */
function useRooms(rest: Rest, topics: Topics): Answer<readonly Room[]> {
  const path = '/rooms?active=true'
  const { seen, problem } = useRead(topics, path, () => rest.list<Room>(path))
  return useMemo(() => {
    if (seen === undefined) return { ok: false, problem: problem ?? NOT_READ }
    return { ok: true, value: seen.value.toSorted((a, b) => a.name.localeCompare(b.name)) }
  }, [seen, problem])
}

const NO_ROOMS: readonly Room[] = []
const NOT_READ: Problem = { status: 0, code: 'not_read', detail: 'The rooms have not been read yet.' }
