import type { Refusal } from '../../domain/refusals.ts'
import { type Result, ok } from '../../domain/result.ts'
import type { Message } from '../message.ts'
import type { Payload } from '../protocol.ts'
import type { SubjectRef } from './subject-times.ts'

type Answered = Promise<Result<{ answer: object; follow?: () => void }, Refusal>>

/** Standing queries and drags; each belongs to the socket that began it. */
export const AVAILABILITY_HANDLERS = {
  'availability.watch': async ({ deps, connection }: Message, payload: Payload<'availability.watch'>): Answered => {
    const { subjects, window, rules, ...query } = payload
    const span = { start: window.from, end: window.to }
    return deps.availability.watches.open(connection, { ...query, ...rules, subjects: refsOf(subjects), window: span })
  },
  'drag.start': async ({ deps, connection }: Message, payload: Payload<'drag.start'>): Answered => {
    const { subjects, meetingId, recurrenceId, start, end } = payload
    const moved = meetingId === undefined ? undefined : { meetingId, recurrenceId }
    const span = { start, end, subjects: refsOf(subjects), moved }
    const started = await deps.availability.drags.start(connection, span)
    return started.ok ? ok({ answer: started.value }) : started
  },
  'drag.move': async ({ deps, connection }: Message, payload: Payload<'drag.move'>): Answered => {
    const { dragId, start, end } = payload
    const moved = await deps.availability.drags.move(connection, dragId, { start, end })
    return moved.ok ? ok({ answer: moved.value }) : moved
  },
  'drag.end': async ({ deps, connection }: Message, { dragId }: Payload<'drag.end'>): Answered => {
    deps.availability.drags.end(connection, dragId)
    return ok({ answer: {} })
  },
}

type Named = Payload<'drag.start'>['subjects'][number]

/** Each once. */
function refsOf(subjects: readonly Named[]): SubjectRef[] {
  const refs = subjects.map((named): SubjectRef =>
    'userId' in named ? { id: named.userId, kind: 'person' } : { id: named.roomId, kind: 'room' },
  )
  return [...new Map(refs.map((ref) => [ref.id, ref])).values()]
}
