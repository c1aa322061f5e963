import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { SubjectRef } from './subject-times.ts'

/** Whether he may know of all of them, and so when they are taken. */
export function maySeeAll(actor: Actor, subjects: readonly SubjectRef[]): boolean {
  return subjects.every(({ kind, id }) =>
    can(actor, 'read', kind === 'room' ? { kind, roomId: id } : { kind: 'user', userId: id }),
  )
}
