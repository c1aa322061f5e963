import { useEffect, useId, useRef } from 'preact/hooks'
import type { Conflict, Problem, Room, Suggestion } from '../client/contract.ts'
import { dayIn, dayOf, timeIn } from '../client/zone.ts'
import { RequestId } from '../ui/problem-line.tsx'
import { type Draft, suggestionWords } from './booking.ts'

interface RefusalProps {
  problem: Problem
  /** What was asked for. */
  draft: Draft
  rooms: readonly Room[]
  zone: string
  isBusy: boolean
  onTake: (suggestion: Suggestion) => void
  onSkip: () => void
}

/** Beyond these a list is noise; the sentence above gives the number. */
const MAX_SHOWN = 5

/** Why a booking was refused, what is in the way, and what would work: each a click away. */
export function Refusal({ problem, draft, rooms, zone, isBusy, onTake, onSkip }: RefusalProps) {
  const headingId = useId()
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    box.current?.focus()
    box.current?.scrollIntoView({ block: 'nearest' })
  }, [problem])
  const { conflicts = [], suggestions = [] } = problem
  const lines = [...new Set(conflicts.map((conflict) => conflictWords(conflict, rooms, zone)))]
  const taken = new Set(conflicts.map((conflict) => conflict.recurrenceId)).size
  const left = Number(draft.count) - taken
  const isPartial = problem.code === 'slot_conflict' && draft.repeat !== 'none' && taken > 0 && left > 0
  return (
    <section ref={box} class="refusal" tabIndex={-1} aria-labelledby={headingId}>
      <h3 id={headingId}>Not booked</h3>
      <p class="refusal-sentence">{sentenceOf(problem)}</p>
      {lines.length > 0 && (
        <ul class="refusal-conflicts small figures" aria-label="In the way">
          {lines.slice(0, MAX_SHOWN).map((line) => (
            <li key={line}>{line}</li>
          ))}
          {lines.length > MAX_SHOWN && <li class="soft">and {lines.length - MAX_SHOWN} more</li>}
        </ul>
      )}
      {(suggestions.length > 0 || isPartial) && (
        <>
          <h4>What would work</h4>
          <ul class="suggestions">
            {suggestions.map((suggestion) => (
              <li key={`${suggestion.roomIds.join()} ${suggestion.start}`}>
                <button type="button" class="button" aria-disabled={isBusy} onClick={() => onTake(suggestion)}>
                  {suggestionWords(draft, suggestion, rooms, zone)}
                </button>
                <p class="soft small">{suggestion.reasons.join(' ')}</p>
              </li>
            ))}
            {isPartial && (
              <li>
                <button type="button" class="button" aria-disabled={isBusy} onClick={onSkip}>
                  {left === 1 ? 'Book only the one free date' : `Book only the ${left} free dates`}
                </button>
                <p class="soft small">Leaves out the days that are taken.</p>
              </li>
            )}
          </ul>
        </>
      )}
      <RequestId problem={problem} />
    </section>
  )
}

/** A field's own sentence says more than the summary made of all of them. */
function sentenceOf({ detail, errors = [] }: Problem): string {
  const [first] = errors
  if (first === undefined) return detail
  const field = FIELDS[first.pointer?.split('/')[1] ?? '']
  return field === undefined ? first.detail : `${field}: ${first.detail}`
}

const FIELDS: Record<string, string> = {
  title: 'Title',
  startTime: 'Start',
  endTime: 'End',
  roomIds: 'Room',
  recurrencePattern: 'Repeat',
}

function conflictWords(
  { resourceId, recurrenceId, start, end, kind }: Conflict,
  rooms: readonly Room[],
  zone: string,
): string {
  const [from, until] = [Date.parse(start), Date.parse(end)]
  const day = recurrenceId
    ? dayOf(`${recurrenceId.slice(0, 4)}-${recurrenceId.slice(4, 6)}-${recurrenceId.slice(6, 8)}`)
    : dayIn(zone, from)
  const name = rooms.find((room) => room.id === resourceId)?.name ?? 'The room'
  return `${day}: ${name} ${KINDS[kind]} ${timeIn(zone, from)}–${timeIn(zone, until)}`
}

const KINDS: Record<Conflict['kind'], string> = {
  booking: 'is booked',
  hold: 'is held',
  blackout: 'is closed',
  rule: 'does not allow',
  external: 'is taken in another calendar',
}
