import { useMemo, useRef } from 'preact/hooks'
import type { User } from '../client/contract.ts'
import { dayIn, timeIn, zoneWords } from '../client/zone.ts'
import { CommonRow } from './common-row.tsx'
import { type DayAxis, STEP_MS, type Span, placeOf } from './day-axis.ts'
import { HeatRow } from './heat-row.tsx'
import { Legend } from './legend.tsx'
import { counting, hasChoice, heldIn } from './plan-standing.ts'
import { type Plan, nameIn, watchedIn } from './plan.ts'
import { type Subject, type Subjects, freeCounts, judge, summaryOf } from './subjects.ts'
import { useGridKeys } from './use-grid-keys.ts'
import { usePointerDrag } from './use-pointer-drag.ts'
import { type Proposal, heldSpan } from './use-proposal.ts'
import type { Verdict } from './shapes.ts'

interface HeatMapProps {
  plan: Plan
  subjects: Subjects
  axis: DayAxis
  user: User
  now: number
  proposal: Proposal
  /** The block was dropped and holds. */
  onHeld: () => void
}

/** One day of everybody, each by his own clock, and the block that is moved over it. */
export function HeatMap({ plan, subjects, axis, user, now, proposal, onHeld }: HeatMapProps) {
  const overlay = useRef<HTMLDivElement>(null)
  const watched = watchedIn(plan)
  const lengthMs = plan.minutes * 60_000
  const known = watched.flatMap(({ id }) => subjects.get(id) ?? [])
  const isOneRoomEnough = hasChoice(plan)
  const counts = useMemo(
    () => freeCounts(known, axis.columns, STEP_MS, isOneRoomEnough),
    [subjects, axis, isOneRoomEnough],
  )
  const spanAt = (column: number): Span => {
    const start = Math.min(axis.start + column * STEP_MS, axis.end - lengthMs)
    return { start, end: start + lengthMs }
  }
  const columnOf = (span: Span | undefined) => span && Math.round((span.start - axis.start) / STEP_MS)
  const shown = proposal.air ?? heldSpan(proposal.hold)
  const verdicts = useVerdicts(shown, proposal, watched, subjects)
  const weighty = useMemo(() => counting(plan, verdicts), [plan, verdicts])
  const drop = async () => {
    if (await proposal.drop(heldIn(plan, verdicts))) onHeld()
  }
  const moves = {
    columns: axis.columns.length,
    onLift: (column: number) => proposal.lift(spanAt(column)),
    onMove: (column: number) => proposal.move(spanAt(column)),
    onDrop: () => void drop(),
    onCancel: proposal.cancel,
  }
  const keys = useGridKeys({ ...moves, rows: watched.length + 1, bigStep: 4, air: columnOf(proposal.air) })
  const tapped = async (column: number) => {
    const span = spanAt(column)
    if (await proposal.drop(heldIn(plan, seenAt(span, watched, subjects)), span)) onHeld()
  }
  const pointer = usePointerDrag({
    ...moves,
    track: () => overlay.current,
    block: columnOf(shown),
    onTap: (column) => void tapped(column),
  })
  const says = useMemo(() => summaryOf(weighty, (id) => nameIn(plan, id)), [weighty])
  const activeIn = (row: number) => (keys.active.row === row ? keys.active.column : undefined)
  const verdictOf = (id: string) => verdicts.find((verdict) => verdict.id === id)
  return (
    <div class="heat-box">
      <div
        ref={keys.grid}
        class="heat"
        role="grid"
        aria-label={`Everybody’s ${dayIn(user.timezone, axis.start)}`}
        aria-describedby="heat-help"
        aria-rowcount={watched.length + 1}
        aria-colcount={axis.columns.length}
        data-moving={proposal.air !== undefined}
        onKeyDown={keys.onKeyDown}
        onFocusIn={(event) => keys.setActive(cellOf(event.target) ?? keys.active)}
        {...pointer}
      >
        <CommonRow
          {...{ counts, axis, isOneRoomEnough }}
          total={plan.invited.length}
          viewerZone={user.timezone}
          active={activeIn(0)}
        />
        {watched.map(({ id, kind }, i) => {
          const subject = subjects.get(id)
          const zone = zoneOf(plan, id, subject, user)
          return (
            <HeatRow
              key={id}
              row={i + 1}
              name={nameIn(plan, id)}
              note={kind === 'room' ? roomNote(plan, id) : personNote(plan, id, zone, user, shown?.start ?? now)}
              there={shown && zone !== user.timezone ? `${timeIn(zone, shown.start)} there, ` : ''}
              {...{ subject, zone, axis }}
              viewerZone={user.timezone}
              active={activeIn(i + 1)}
              verdict={verdictOf(id)?.verdict}
              reason={verdictOf(id)?.reason}
            />
          )
        })}
        <div ref={overlay} class="heat-over" role="presentation" aria-hidden="true">
          {now > axis.start && now < axis.end && (
            <span class="heat-now" style={{ left: placeOf(axis, { start: now, end: now }).left }} />
          )}
          {shown && shown.start < axis.end && shown.end > axis.start && (
            <div
              class="block"
              data-held={proposal.air === undefined}
              data-clear={weighty.every(({ verdict }) => verdict === 'free')}
              style={placeOf(axis, shown)}
            >
              <span class="block-time figures">{timeIn(user.timezone, shown.start)}</span>
            </div>
          )}
        </div>
      </div>
      <Legend />
      <p id="heat-help" class="soft small">
        <span class="for-keys">
          Drag over the days, or choose a time with the arrow keys and press Enter: then the arrow keys move the block,
          Shift makes larger steps, Enter holds it and Escape puts it back.
        </span>{' '}
        <span class="for-touch">Tap a time to hold it, or rest your finger on a row and then drag the block.</span>{' '}
        Times are {zoneWords(user.timezone, now)}; each row has its own clock.
      </p>
      <p class="unseen" role="status" aria-live="polite">
        {proposal.air &&
          `${timeIn(user.timezone, proposal.air.start)} to ${timeIn(user.timezone, proposal.air.end)}: ${says}`}
      </p>
    </div>
  )
}

/** The server's, once it has judged this very span; until then what this page sees itself. */
function useVerdicts(
  shown: Span | undefined,
  { judged }: Proposal,
  watched: readonly { id: string }[],
  subjects: Subjects,
): readonly Verdict[] {
  return useMemo(() => {
    if (shown === undefined) return []
    if (judged?.span.start === shown.start && judged.span.end === shown.end) return judged.verdicts
    return seenAt(shown, watched, subjects)
  }, [shown?.start, shown?.end, judged, subjects])
}

function seenAt(span: Span, watched: readonly { id: string }[], subjects: Subjects): Verdict[] {
  return watched.map(({ id }) => ({ id, verdict: judge(subjects.get(id), span), reason: '' }))
}

function zoneOf({ invited }: Plan, id: string, subject: Subject | undefined, user: User): string {
  return subject?.zone ?? invited.find(({ person }) => person.id === id)?.person.timezone ?? user.timezone
}

function personNote({ invited }: Plan, id: string, zone: string, user: User, now: number): string {
  const isOptional = invited.some((one) => one.person.id === id && one.isOptional)
  const clock = zone === user.timezone ? (id === user.id ? 'you' : '') : zoneWords(zone, now)
  return [clock, isOptional ? 'optional' : ''].filter(Boolean).join(', ')
}

function roomNote(plan: Plan, id: string): string {
  const room = plan.rooms.find((one) => one.id === id)
  if (room === undefined) return ''
  const heads = plan.invited.length
  return `${room.capacity} seats${hasChoice(plan) && room.capacity < heads ? `: too few for ${heads}` : ''}`
}

function cellOf(target: EventTarget | null): { row: number; column: number } | undefined {
  if (!(target instanceof HTMLElement) || target.dataset['column'] === undefined) return undefined
  return { row: Number(target.dataset['row']), column: Number(target.dataset['column']) }
}
