import { describe, expect, test } from 'vitest'
import { type Role, ROLES } from './actor.ts'
import { type Verb, type Visibility, can } from './can.ts'

type Relation = 'organizer' | 'participant' | 'stranger'
const VERBS: Verb[] = ['create', 'read', 'read_content', 'update', 'cancel', 'watch', 'respond']
const VISIBILITIES: Visibility[] = ['organization', 'participants', 'busy_only']

const all = new Set<Verb>(['read', 'read_content', 'update', 'cancel', 'watch'])
const content = new Set<Verb>(['read', 'read_content', 'watch'])
const know = new Set<Verb>(['read'])
const manage = new Set<Verb>(['read', 'cancel'])
const nothing = new Set<Verb>()

/** What each may do with a meeting beside booking one of his own. */
const STRANGERS: Record<Role, Record<Visibility, Set<Verb>>> = {
  owner: { organization: all, participants: manage, busy_only: manage },
  admin: { organization: all, participants: manage, busy_only: manage },
  room_manager: { organization: content, participants: nothing, busy_only: know },
  member: { organization: content, participants: nothing, busy_only: know },
  auditor: { organization: content, participants: nothing, busy_only: know },
  guest: { organization: nothing, participants: nothing, busy_only: nothing },
  panel: { organization: nothing, participants: nothing, busy_only: nothing },
}
const BOOKS: Role[] = ['owner', 'admin', 'room_manager', 'member']

function allowed(role: Role, relation: Relation, visibility: Visibility): Verb[] {
  const resource = {
    kind: 'meeting' as const,
    visibility,
    organizerId: relation === 'organizer' ? 'me' : 'other',
    participantIds: relation === 'participant' ? ['other', 'me'] : ['other'],
  }
  const actor = { organizationId: 'org', userId: 'me', role, sessionId: 's', requestId: 'r' }
  return VERBS.filter((verb) => can(actor, verb, resource))
}

function expected(role: Role, relation: Relation, visibility: Visibility): Verb[] {
  const may = new Set(STRANGERS[role][visibility])
  if (relation === 'organizer') all.forEach((verb) => may.add(verb))
  if (relation === 'participant') [...content, 'respond' as const].forEach((verb) => may.add(verb))
  if (BOOKS.includes(role)) may.add('create')
  return VERBS.filter((verb) => may.has(verb))
}

describe.each(ROLES)('a meeting and the %s', (role) => {
  test.each(VISIBILITIES)('when it is open to: %s', (visibility) => {
    for (const relation of ['organizer', 'participant', 'stranger'] as const) {
      expect([relation, allowed(role, relation, visibility)]).toEqual([relation, expected(role, relation, visibility)])
    }
  })
})
