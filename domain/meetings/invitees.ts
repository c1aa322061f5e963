import type { Ids } from '../deps.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Participant, ParticipantRole } from './meeting.ts'
import type { BookingFacts } from './ports.ts'

export interface ParticipantInput {
  userId?: string | undefined
  email?: string | undefined
  role?: ParticipantRole | undefined
}

/**
 * Who is invited, each once. An e-mail address of a user of the organisation is that user; what `previous` participants
 * answered is kept.
 */
export function resolveParticipants(
  ids: Ids,
  given: readonly ParticipantInput[],
  facts: BookingFacts,
  previous: readonly Participant[] = [],
): Result<Participant[], Refusal> {
  const byEmail = new Map([...facts.people.values()].map((person) => [person.email, person.id]))
  const resolved = new Map<string, Participant>()
  for (const [index, { userId: givenId, email, role = 'required' }] of given.entries()) {
    const userId = givenId ?? byEmail.get(email ?? '') ?? null
    if (userId !== null && !facts.people.has(userId)) {
      const detail = 'There is no such person in this organisation.'
      return err(
        refuse('unknown_reference', detail, { errors: [{ pointer: `/participants/${index}/userId`, detail }] }),
      )
    }
    const before = previous.find((p) => (userId === null ? p.email === email : p.userId === userId))
    const id = userId ?? before?.id ?? ids.newId()
    resolved.set(userId ?? (email as string), {
      id,
      userId,
      email: userId === null ? (email as string) : null,
      role,
      response: before?.response ?? 'needs_action',
      comment: before?.comment ?? null,
      inSeries: true,
    })
  }
  // As the store reads them, so that every answer shows one order.
  return ok([...resolved.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)))
}

export function unknownRoom(roomIds: readonly string[], { rooms }: BookingFacts): Refusal | undefined {
  const index = roomIds.findIndex((id) => !rooms.has(id))
  if (index === -1) return undefined
  const detail = 'There is no such room in this organisation.'
  return refuse('unknown_reference', detail, { errors: [{ pointer: `/roomIds/${index}`, detail }] })
}
