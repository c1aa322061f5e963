import type { Problem, Room } from '../client/contract.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { NothingFits } from './nothing-fits.tsx'
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
  /** Asks for less; `date`: where to look then. */
  onRelax: (plan: Plan, date: string | undefined) => void
}

/** Times that would work, best first, each with its reasons; or why none does, and the smallest thing that would help. */
export function SuggestionsPart({ suggested, problem, plan, rooms, zone, onTake, onRelax }: SuggestionsPartProps) {
  const slots = suggested?.slots ?? []
  return (
    <section class="side-part" aria-labelledby="suggestions-title">
      <h2 id="suggestions-title" tabIndex={-1}>
        What would work
      </h2>
      <p class="unseen" role="status">
        {suggested && (slots.length === 0 ? 'Nothing fits.' : `${slots.length} times would work.`)}
      </p>
      {problem && <ProblemLine problem={problem} />}
      {plan.invited.length === 0 && <p class="soft">Add somebody to meet.</p>}
      {suggested && slots.length === 0 && (
        <NothingFits
          blocking={suggested.blocking ?? []}
          relaxations={suggested.relaxations ?? []}
          {...{ plan, zone, onRelax }}
        />
      )}
      <ol class="slots" aria-labelledby="suggestions-title">
        {slots.map((slot) => (
          <SlotButton key={`${slot.start} ${slot.roomIds.join()}`} {...{ slot, rooms, zone, onTake }} />
        ))}
      </ol>
    </section>
  )
}
