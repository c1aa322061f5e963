import type { Actor, Role } from './actor.ts'

/** What is asked about. Ownership facts travel with the resource, so `can` needs no store. */
export type Resource =
  | { kind: 'organization' }
  | { kind: 'user'; userId: string }
  | { kind: 'room' }
  | { kind: 'meeting'; visibility: Visibility; organizerId: string; participantIds: readonly string[] }

export type Verb = 'create' | 'read' | 'read_content' | 'update' | 'cancel' | 'watch'
export type Visibility = 'organization' | 'participants' | 'busy_only'

const MANAGERS: readonly Role[] = ['owner', 'admin']
const ROOM_MANAGERS: readonly Role[] = ['owner', 'admin', 'room_manager']
const WORKERS: readonly Role[] = ['owner', 'admin', 'room_manager', 'member']
const EVERYBODY: readonly Role[] = ['owner', 'admin', 'room_manager', 'member', 'guest', 'auditor', 'panel']

/**
 * The one decision about rights, asked by every door and command. `read` is knowing that a thing exists (its
 * absence answers 404), `read_content` is titles, people and text, `watch` is its live topic.
 */
export function can(actor: Actor, verb: Verb, resource: Resource): boolean {
  switch (resource.kind) {
    case 'organization':
      return verb === 'read' || MANAGERS.includes(actor.role)
    case 'user':
      return mayUser(actor, verb, resource.userId)
    case 'room':
      return (verb === 'create' || verb === 'update' ? ROOM_MANAGERS : EVERYBODY).includes(actor.role)
    case 'meeting':
      return mayMeeting(actor, verb, resource)
    default:
      return resource satisfies never
  }
}

function mayUser(actor: Actor, verb: Verb, userId: string): boolean {
  if (verb === 'create') return MANAGERS.includes(actor.role)
  if (verb === 'update') return actor.userId === userId || MANAGERS.includes(actor.role)
  if (verb === 'watch') return actor.userId === userId
  return actor.userId === userId || (actor.role !== 'guest' && actor.role !== 'panel')
}

function mayMeeting(actor: Actor, verb: Verb, meeting: Extract<Resource, { kind: 'meeting' }>): boolean {
  const organizes = meeting.organizerId === actor.userId
  const attends = organizes || meeting.participantIds.includes(actor.userId)
  switch (verb) {
    case 'create':
      return WORKERS.includes(actor.role)
    case 'read':
      return attends || MANAGERS.includes(actor.role) || (meeting.visibility !== 'participants' && isInsider(actor))
    case 'read_content':
    case 'watch':
      return attends || (meeting.visibility === 'organization' && isInsider(actor))
    case 'update':
      return organizes || (MANAGERS.includes(actor.role) && meeting.visibility === 'organization')
    case 'cancel':
      return organizes || MANAGERS.includes(actor.role)
    default:
      return verb satisfies never
  }
}

function isInsider(actor: Actor): boolean {
  return actor.role !== 'guest' && actor.role !== 'panel'
}
