import { expect, test } from 'vitest'
import { type Role, ROLES } from './actor.ts'
import { type Resource, type Verb, can } from './can.ts'
import { lowerRole } from './lower-role.ts'

const VERBS: Verb[] = ['create', 'read', 'read_content', 'update', 'edit', 'cancel', 'watch', 'walk_up', 'report']
const others = { organizerId: 'other', participantIds: [] }
const RESOURCES: Resource[] = [
  ...(['organization', 'floor', 'dashboard', 'device', 'audit', 'job'] as const).map((kind) => ({ kind })),
  { kind: 'user', userId: 'other' },
  { kind: 'session', userId: 'other' },
  { kind: 'room', roomId: 'r' },
  { kind: 'meeting', visibility: 'organization', ...others },
  { kind: 'meeting', visibility: 'participants', ...others },
  { kind: 'booking', roomId: 'r', ...others },
]

function rights(role: Role): string[] {
  const actor = { organizationId: 'o', userId: 'me', role, sessionId: 's', requestId: 'r' }
  return RESOURCES.flatMap((resource) =>
    VERBS.filter((verb) => can(actor, verb, resource)).map((verb) => `${verb} ${JSON.stringify(resource)}`),
  )
}

test('who acts for another may nothing that either of the two may not, and nobody may less than a guest', () => {
  for (const a of ROLES.filter((role) => role !== 'panel')) {
    for (const b of ROLES.filter((role) => role !== 'panel')) {
      const left = rights(lowerRole(a, b))
      expect(rights(a), `${a} and ${b}`).toEqual(expect.arrayContaining(left))
      expect(rights(b), `${a} and ${b}`).toEqual(expect.arrayContaining(left))
      expect(lowerRole(b, a)).toBe(lowerRole(a, b))
    }
  }
  expect(lowerRole('admin', 'member')).toBe('member')
  expect(lowerRole('auditor', 'owner')).toBe('auditor')
  expect(lowerRole('auditor', 'member')).toBe('guest')
})
