import { useEffect, useRef, useState } from 'preact/hooks'
import type { Booked, Room, User } from '../client/contract.ts'
import { spanWords } from '../client/span-words.ts'
import { timeIn } from '../client/zone.ts'
import { Field } from '../ui/field.tsx'
import { ProblemLine } from '../ui/problem-line.tsx'
import { type Plan, nameIn, watchedIn } from './plan.ts'
import { type Slot, SlotButton } from './slot-button.tsx'
import { spanOf } from './subjects.ts'
import type { Proposal } from './use-proposal.ts'

interface HoldPartProps {
  plan: Plan
  user: User
  now: number
  proposal: Proposal
  title: string
  onTitle: (title: string) => void
  onBooked: (booked: Booked) => void
  /** All rooms there are. */
  rooms: readonly Room[]
  onTake: (slot: Slot) => void
  /** Gives the focus back to the grid. */
  onLeave: () => void
}

const MAX_TITLE = 200
const MAX_SUGGESTED = 3

/** What is held, until when, and the form that makes a meeting of it. */
export function HoldPart(props: HoldPartProps) {
  const { plan, user, now, proposal, title, onTitle, rooms, onBooked, onLeave, onTake } = props
  const { hold, isBusy, problem } = proposal
  const [fault, setFault] = useState<string>()
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => setFault(undefined), [hold?.id])
  const book = async () => {
    if (title.trim() === '') {
      setFault('Give it a title.')
      form.current?.querySelector('input')?.focus()
      return
    }
    const booked = await proposal.book(bodyOf(title, plan, user))
    if (booked === undefined) return
    onTitle('')
    onBooked(booked)
    onLeave()
  }
  return (
    <section class="side-part" aria-labelledby="hold-title">
      <h2 id="hold-title">Your hold</h2>
      <div role="status">
        {hold ? (
          <p class="figures">
            <strong>{spanWords(spanOf(hold), now, user.timezone)}</strong>, held until{' '}
            {timeIn(user.timezone, Date.parse(hold.expiresAt))}:{' '}
            {watchedIn(plan)
              .flatMap(({ id }) => (hold.resourceIds.includes(id) ? nameIn(plan, id) : []))
              .join(', ')}
            .
          </p>
        ) : problem ? null : (
          <p class="soft">
            Drop the block on a time: others see at once that you hold it, and nobody else gets its rooms.
          </p>
        )}
      </div>
      <div role="alert">{problem && <ProblemLine problem={problem} />}</div>
      {problem && (
        <ul class="slots" aria-label="What would work instead">
          {problem.suggestions?.slice(0, MAX_SUGGESTED).map((slot) => (
            <SlotButton
              key={`${slot.start} ${slot.roomIds.join()}`}
              {...{ slot, rooms, onTake }}
              zone={user.timezone}
            />
          ))}
        </ul>
      )}
      {hold && (
        <form
          ref={form}
          class="hold-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void book()
          }}
        >
          <Field label="Title" fault={fault}>
            {(tie) => (
              <input
                {...tie}
                name="title"
                maxLength={MAX_TITLE}
                autocomplete="off"
                value={title}
                onInput={(event) => onTitle(event.currentTarget.value)}
              />
            )}
          </Field>
          <div class="side-actions">
            <button type="submit" class="button-main" aria-disabled={isBusy}>
              Book
            </button>
            {hold.renewalsLeft > 0 && (
              <button type="button" class="button" aria-disabled={isBusy} onClick={() => void proposal.renew()}>
                Hold longer
              </button>
            )}
            <button
              type="button"
              class="button-quiet"
              aria-disabled={isBusy}
              onClick={() => {
                void proposal.release()
                onLeave()
              }}
            >
              Give back
            </button>
          </div>
        </form>
      )}
    </section>
  )
}

/** People of the hold are invited anyway; those who may stay away are named, so that the meeting says so. */
function bodyOf(title: string, { invited }: Plan, user: User): object {
  const participants = invited.flatMap(({ person, isOptional }) =>
    isOptional && person.id !== user.id ? [{ userId: person.id, role: 'optional' }] : [],
  )
  return { title: title.trim(), timezone: user.timezone, ...(participants.length > 0 && { participants }) }
}
