import { describe, expect, test } from 'vitest'
import { type Actor, ROLES, type Role } from '../identity/actor.ts'
import { instant } from '../time/instant.ts'
import { updateRefusal } from './update-user.ts'
import { newUser } from './user.ts'

const seen = { ifVersion: undefined, version: 1 }

function actor(role: Role, userId = 'actor'): Actor {
  return { organizationId: 'o', userId, role, sessionId: 's', requestId: 'r' }
}

function person(role: Role) {
  return newUser({ id: 'person', email: 'p@example.org', firstName: 'P', lastName: 'P', role }, instant(0))
}

function refusal(by: Actor, from: Role, to: Role, owners = ['actor', 'person']) {
  return updateRefusal(by, { id: 'person', seen, changes: { role: to } }, person(from), owners)?.code
}

describe('who may change a role', () => {
  test('owners any, admins all but the owner’s, everybody else none; a panel’s nobody', () => {
    for (const by of ROLES) {
      for (const from of ROLES) {
        for (const to of ROLES.filter((role) => role !== from)) {
          const may = by === 'owner' || (by === 'admin' && from !== 'owner' && to !== 'owner')
          const allowed = may && from !== 'panel'
          const hidden = by === 'guest' || by === 'panel'
          const expected = allowed ? undefined : hidden ? 'not_found' : 'forbidden'
          expect(refusal(actor(by), from, to), `${by}: ${from} -> ${to}`).toBe(expected)
        }
      }
    }
  })

  test('nobody his own, not even to the same height', () => {
    for (const role of ROLES.filter((known) => known !== 'member')) {
      expect(refusal(actor(role, 'person'), role, 'member')).toBe('forbidden')
    }
  })

  test('sending the role one has is no change', () => {
    expect(refusal(actor('member', 'person'), 'member', 'member')).toBeUndefined()
  })

  test('the last owner stays one', () => {
    expect(refusal(actor('owner'), 'owner', 'member', ['person'])).toBe('illegal_transition')
    expect(refusal(actor('owner'), 'member', 'admin', ['actor'])).toBeUndefined()
  })
})

describe('versions', () => {
  const refuseWith = (given: object, versionOptional?: true) =>
    updateRefusal(
      actor('owner'),
      {
        id: 'person',
        seen: { ifVersion: undefined, version: undefined, ...given },
        changes: {},
        ...(versionOptional && { versionOptional }),
      },
      person('member'),
      [],
    )?.code

  test('one must be named, and every one named must be the current', () => {
    expect(refuseWith({})).toBe('version_required')
    expect(refuseWith({}, true)).toBeUndefined()
    expect(refuseWith({ version: 1 })).toBeUndefined()
    expect(refuseWith({ ifVersion: 1 })).toBeUndefined()
    expect(refuseWith({ ifVersion: '*' })).toBeUndefined()
    expect(refuseWith({ ifVersion: '*', version: 2 })).toBe('stale')
    expect(refuseWith({ ifVersion: 1, version: 2 })).toBe('stale')
    expect(refuseWith({ ifVersion: 2, version: 1 })).toBe('stale')
    expect(refuseWith({ version: 2 }, true)).toBe('stale')
  })
})
