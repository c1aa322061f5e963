import type { Problem, Room } from '../client/contract.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import type { Plan } from './plan.ts'
import type { Suggested } from './shapes.ts'
import { type Slot, SlotButton } from './slot-button.tsx'

interface SuggestionsPartProps {
  suggested: Suggested | undefined
  problem: Problem | undefined
  plan: Plan
  zone: string
  /** All rooms there are. */
  rooms: readonly Room[]
  onTake: (slot: Slot) => void
}

/** Times that would work, best first, each with its reasons; or why none does, and the smallest thing that would help. */
export function SuggestionsPart({ suggested, problem, plan, rooms, zone, onTake }: SuggestionsPartProps) {
  const slots = suggested?.slots ?? []
  return (
    <section class="side-part" aria-labelledby="suggestions-title">
      <h2 id="suggestions-title">What would work</h2>
      <p class="unseen" role="status">
        {suggested && (slots.length === 0 ? 'Nothing fits.' : `${slots.length} times would work.`)}
      </p>
      {problem && <ProblemLine problem={problem} />}
      {plan.invited.length === 0 && <p class="soft">Add somebody to meet.</p>}
      {suggested && slots.length === 0 && <NothingFits {...suggested} />}
      <ol class="slots">
        {slots.map((slot) => (
          <SlotButton key={`${slot.start} ${slot.roomIds.join()}`} {...{ slot, rooms, zone, onTake }} />
        ))}
      </ol>
    </section>
  )
}

function NothingFits({ blocking = [], relaxations = [] }: Suggested) {
  return (
    <>
      <p>Nothing fits. {blocking.map(({ sentence }) => sentence).join(' ')}</p>
      {relaxations.length > 0 && (
        <ul class="relaxations">
          {relaxations.map(({ sentence }) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </>
  )
}
