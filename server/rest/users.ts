import { z } from 'zod'
import { listUsers, userById } from '../../db/people/queries.ts'
import { createPeopleStore } from '../../db/people/people-tx.ts'
import { type Actor, ROLES } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { Passwords } from '../../domain/identity/ports.ts'
import { createUser } from '../../domain/people/create-user.ts'
import type { PeopleDeps } from '../../domain/people/ports.ts'
import { updateUser } from '../../domain/people/update-user.ts'
import { DEFAULT_WORKING_HOURS, type User, userView } from '../../domain/people/user.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { plainEtag } from '../../domain/versions.ts'
import type { ApiDeps } from '../deps.ts'
import { changesOf } from './changes.ts'
import { email, idParams, line, metadata, pageQuery, timezone, version } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Answer, type Route, route } from './route.ts'
import { weekly } from './time-shapes.ts'

export interface UsersDeps extends ApiDeps {
  identity: { passwords: Passwords }
}

export const name = line(100)
const department = line(100)
/** Bounded here only against waste; the rules of a password name themselves (domain/identity/password.ts). */
export const password = z.string().max(1_000)

const writable = {
  firstName: name,
  lastName: name,
  department: department.nullable(),
  role: z.enum(ROLES),
  timezone,
  preferences: metadata,
}

export const userAnswer = z.object({
  id: z.uuid(),
  email: z.string(),
  ...writable,
  department: z.string().nullable(),
  workingHours: z.record(z.string(), z.array(z.tuple([z.string(), z.string()]))),
  version,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const createBody = z.strictObject({
  email,
  firstName: name,
  lastName: name,
  department: writable.department.default(null),
  role: writable.role.default('member'),
  timezone: timezone.default('UTC'),
  preferences: metadata.default({}),
  workingHours: weekly.default(DEFAULT_WORKING_HOURS),
  password: password.optional(),
})
export const updateBody = z.strictObject({ ...writable, version }).partial()

export const listQuery = z.strictObject({
  ...pageQuery,
  q: line(100).optional(),
  department: department.optional(),
  role: z.enum(ROLES).optional(),
})
const cursorKey = z.tuple([z.string(), z.string(), z.uuid()])

export function usersRoutes(deps: UsersDeps): Route[] {
  const people = peopleDeps(deps)
  return [
    route({
      method: 'GET',
      path: '/users',
      summary: 'People of the organisation in the order of names; `q` is the start of a name or e-mail address',
      query: listQuery,
      answers: z.object({ items: z.array(userAnswer), nextCursor: z.string().nullable() }),
      handle: ({ actor, query }) => {
        const seesAll = can(actor, 'read', { kind: 'user', userId: '' })
        return pageAnswer(query, {
          key: cursorKey,
          keyOf: (user: User) => [user.lastName, user.firstName, user.id],
          view: userView,
          read: ({ limit, after }) =>
            listUsers(deps.pool, actor.organizationId, {
              ...query,
              limit,
              after,
              only: seesAll ? undefined : actor.userId,
            }),
        })
      },
    }),
    route({
      method: 'POST',
      path: '/users',
      summary: 'Add a person, with a password for this organisation or without one',
      body: createBody,
      answers: userAnswer,
      locate: async (actor) => (can(actor, 'create', { kind: 'user', userId: '' }) ? undefined : refuse('forbidden')),
      handle: async ({ actor, body }) => {
        const created = await createUser(people, actor, { ...body, password: body.password })
        return created.ok ? ok(userCreated(created.value)) : created
      },
    }),
    route({
      method: 'GET',
      path: '/users/:id',
      summary: 'One person',
      params: idParams,
      answers: userAnswer,
      handle: ({ actor, params }) => userAnswerFor(deps, actor, params.id),
    }),
    route({
      method: 'PUT',
      path: '/users/:id',
      summary: 'Change a person: any subset of the fields, with If-Match or `version`',
      params: idParams,
      body: updateBody,
      answers: userAnswer,
      locate: (actor, { id }) => locateUser(deps, actor, id),
      handle: async ({ actor, params, body, ifVersion }) => {
        const updated = await updateUser(people, actor, { id: params.id, ...changesOf(body, ifVersion) })
        return updated.ok ? ok(userFound(updated.value)) : updated
      },
    }),
  ]
}

export function peopleDeps(deps: UsersDeps): PeopleDeps {
  return { ...deps, passwords: deps.identity.passwords, ...createPeopleStore(deps) }
}

export async function userAnswerFor(deps: ApiDeps, actor: Actor, id: string): Promise<Result<Answer, Refusal>> {
  if (!can(actor, 'read', { kind: 'user', userId: id })) return err(refuse('not_found'))
  const user = await userById(deps.pool, actor.organizationId, id)
  return user === undefined ? err(refuse('not_found')) : ok(userFound(user))
}

export function userFound(user: User): Answer {
  return { status: 200, body: userView(user), etag: plainEtag(user) }
}

function userCreated(user: User): Answer {
  return { status: 201, body: userView(user), etag: plainEtag(user), location: `/users/${user.id}` }
}

async function locateUser(deps: ApiDeps, actor: Actor, id: string): Promise<Refusal | undefined> {
  const found = await userAnswerFor(deps, actor, id)
  if (!found.ok) return found.error
  return can(actor, 'update', { kind: 'user', userId: id }) ? undefined : refuse('forbidden')
}
