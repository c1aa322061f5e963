import type { Actor, Role } from './actor.ts'

/** What is asked about. Ownership facts travel with the resource, so `can` needs no store. */
export type Resource =
  | { kind: 'organization' | 'holidays' | 'floor' | 'dashboard' | 'device' | 'audit' | 'job' }
  | { kind: 'user' | 'session' | 'integration'; userId: string }
  /** Of whom it is; without: holds in general, which name nobody. */
  | { kind: 'hold'; userId?: string }
  /** Without `roomId`: rooms in general. */
  | { kind: 'room'; roomId?: string }
  | ({ kind: 'meeting'; visibility: Visibility } & People)
  /** The claim of one room by one occurrence. */
  | ({ kind: 'booking'; roomId: string } & People)

interface People {
  organizerId: string
  participantIds: readonly string[]
}

export type Verb =
  | 'create'
  | 'read'
  | 'read_content'
  | 'update'
  | 'edit'
  | 'cancel'
  | 'watch'
  | 'use'
  | 'release'
  | 'walk_up'
  | 'report'
  | 'respond'
  | 'delegate'
export type Visibility = 'organization' | 'participants' | 'busy_only'

const MANAGERS: readonly Role[] = ['owner', 'admin']
const ROOM_MANAGERS: readonly Role[] = ['owner', 'admin', 'room_manager']
const WORKERS: readonly Role[] = ['owner', 'admin', 'room_manager', 'member']
const INSIDERS: readonly Role[] = ['owner', 'admin', 'room_manager', 'member', 'auditor']
const AUDITORS: readonly Role[] = ['owner', 'admin', 'auditor']

/**
 * The one decision about rights, asked by every door and command. `read` is knowing that a thing exists (its absence
 * answers 404), `read_content` is titles, people and text, `watch` is its live topic, `edit` is a meeting's shared document,
 * `use` is checking in, extending, ending and keeping a room that is booked, `respond` is answering an invitation, `delegate` is
 * saying who may act in a person's name. Of a person `read_content` is why he is away and who his delegates are.
 */
export function can(actor: Actor, verb: Verb, resource: Resource): boolean {
  switch (resource.kind) {
    case 'organization':
    case 'holidays':
      return verb === 'read' || MANAGERS.includes(actor.role)
    case 'user':
      return mayUser(actor, verb, resource.userId)
    case 'session':
    case 'integration':
      // What opens doors outlives a delegation, so nobody makes or sees it for another.
      return isHimself(actor, resource.userId) && actor.role !== 'panel'
    case 'room':
      return mayRoom(actor, verb, resource.roomId)
    case 'hold':
      return mayHold(actor, verb, resource.userId)
    case 'floor':
    case 'dashboard':
      return INSIDERS.includes(actor.role) && (verb === 'read' || verb === 'watch')
    case 'device':
      return ROOM_MANAGERS.includes(actor.role)
    case 'audit':
      return verb === 'read' && AUDITORS.includes(actor.role)
    case 'job':
      return verb === 'read' ? AUDITORS.includes(actor.role) : MANAGERS.includes(actor.role)
    case 'meeting':
      return mayMeeting(actor, verb, resource)
    case 'booking':
      return mayBooking(actor, verb, resource)
    default:
      return resource satisfies never
  }
}

function mayUser(actor: Actor, verb: Verb, userId: string): boolean {
  if (verb === 'create') return MANAGERS.includes(actor.role)
  if (verb === 'update') return actor.userId === userId || MANAGERS.includes(actor.role)
  if (verb === 'watch') return actor.userId === userId
  if (verb === 'read_content') return actor.userId === userId || MANAGERS.includes(actor.role)
  if (verb === 'delegate') return isHimself(actor, userId)
  return actor.userId === userId || INSIDERS.includes(actor.role)
}

/** Whoever may book may hold; a hold is its owner's alone. */
function mayHold(actor: Actor, verb: Verb, userId: string | undefined): boolean {
  if (verb === 'watch') return INSIDERS.includes(actor.role)
  return WORKERS.includes(actor.role) && actor.userId === userId
}

/** A panel knows its own room only. */
function mayRoom(actor: Actor, verb: Verb, roomId: string | undefined): boolean {
  const isOwn = actor.role === 'panel' && roomId !== undefined && roomId === actor.roomId
  const may: Partial<Record<Verb, boolean>> = {
    create: ROOM_MANAGERS.includes(actor.role),
    read: isOwn || actor.role !== 'panel',
    update: ROOM_MANAGERS.includes(actor.role),
    watch: isOwn || actor.role !== 'panel',
    walk_up: isOwn || WORKERS.includes(actor.role),
    report: isOwn || ROOM_MANAGERS.includes(actor.role),
  }
  return may[verb] ?? false
}

function mayMeeting(actor: Actor, verb: Verb, meeting: Extract<Resource, { kind: 'meeting' }>): boolean {
  const organizes = meeting.organizerId === actor.userId
  const attends = organizes || meeting.participantIds.includes(actor.userId)
  const { visibility } = meeting
  const manages = MANAGERS.includes(actor.role)
  const isOpen = visibility === 'organization'
  const may: Partial<Record<Verb, boolean>> = {
    create: WORKERS.includes(actor.role),
    read: attends || manages || (visibility !== 'participants' && isInsider(actor)),
    read_content: attends || (isOpen && isInsider(actor)),
    watch: attends || (isOpen && isInsider(actor)),
    update: organizes || (isOpen && manages),
    edit: attends || (isOpen && manages),
    cancel: organizes || manages,
    respond: meeting.participantIds.includes(actor.userId),
  }
  return may[verb] ?? false
}

function mayBooking(actor: Actor, verb: Verb, booking: Extract<Resource, { kind: 'booking' }>): boolean {
  const organizes = booking.organizerId === actor.userId || ROOM_MANAGERS.includes(actor.role)
  if (verb === 'release') return organizes
  if (verb !== 'use') return false
  const isBeside = actor.role === 'panel' && actor.roomId === booking.roomId
  return organizes || isBeside || booking.participantIds.includes(actor.userId)
}

/** In person, not by a delegate. */
function isHimself(actor: Actor, userId: string): boolean {
  return actor.userId === userId && actor.delegateId === undefined
}

function isInsider(actor: Actor): boolean {
  return INSIDERS.includes(actor.role)
}
