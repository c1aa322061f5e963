import { z } from 'zod'
import { createPeopleStore } from '../../db/people/people-tx.ts'
import { listUsers } from '../../db/people/queries.ts'
import { ROLES } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { createUser } from '../../domain/people/create-user.ts'
import type { PeopleDeps } from '../../domain/people/ports.ts'
import { updateUser } from '../../domain/people/update-user.ts'
import { type User, type UserView, userView } from '../../domain/people/user.ts'
import { refuse } from '../../domain/refusals.ts'
import { changesOf } from '../rest/changes.ts'
import { id, version } from '../rest/input.ts'
import { createBody, listQuery, updateBody } from '../rest/users.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import { DEFAULT_PAGE, connect, connectionOf } from './connection.ts'
import type { GraphContext } from './graph-context.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { Refused, found, given } from './refused.ts'

export const RoleEnum = builder.enumType('Role', { values: ROLES })

export const UserType = builder.objectRef<UserView>('User').implement({
  description: 'A person of the organisation.',
  fields: (t) => ({
    id: t.exposeID('id'),
    email: t.exposeString('email'),
    firstName: t.exposeString('firstName'),
    lastName: t.exposeString('lastName'),
    department: t.exposeString('department', { nullable: true }),
    role: t.expose('role', { type: RoleEnum }),
    timezone: t.exposeString('timezone', { description: 'IANA name.' }),
    workingHours: t.field({
      type: 'JSON',
      description: 'Spans of local HH:MM by weekday (mon … sun).',
      resolve: (user) => user.workingHours,
    }),
    preferences: t.field({ type: 'JSON', resolve: (user) => user.preferences }),
    version: t.exposeInt('version'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

const UserConnection = connectionOf('User', UserType)

const filter = listQuery.omit({ limit: true, cursor: true })
const cursorKey = z.tuple([z.string(), z.string(), z.uuid()])

builder.queryFields((t) => ({
  viewer: t.field({
    type: UserType,
    nullable: true,
    description: 'Who asks.',
    resolve: (_, _args, { load, actor }) => found(load.user.load(actor.userId)),
  }),
  user: t.field({
    type: UserType,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, args, { load }) => found(load.user.load(parsed(id, args.id))),
  }),
  users: t.field({
    type: UserConnection,
    nullable: true,
    description: 'People of the organisation in the order of names; `q` is the start of a name or e-mail address.',
    args: {
      first: t.arg.int({ required: true, defaultValue: DEFAULT_PAGE }),
      after: t.arg.string(),
      q: t.arg.string(),
      department: t.arg.string(),
      role: t.arg({ type: RoleEnum }),
    },
    resolve: (_, { first, after, ...args }, { deps, actor }) => {
      const asked = parsed(filter, withoutNulls(args))
      const seesAll = can(actor, 'read', { kind: 'user', userId: '' })
      return connect(
        { first, after },
        {
          key: cursorKey,
          keyOf: (user: User) => [user.lastName, user.firstName, user.id],
          view: userView,
          read: (page) =>
            listUsers(deps.pool, actor.organizationId, {
              ...asked,
              ...page,
              only: seesAll ? undefined : actor.userId,
            }),
        },
      )
    },
  }),
}))

const CreateUserInput = builder.inputType('CreateUserInput', {
  fields: (t) => ({
    email: t.string({ required: true }),
    firstName: t.string({ required: true }),
    lastName: t.string({ required: true }),
    department: t.string(),
    role: t.field({ type: RoleEnum }),
    timezone: t.string(),
    preferences: t.field({ type: 'JSON' }),
    workingHours: t.field({ type: 'JSON', description: 'Spans of local HH:MM by weekday (mon … sun).' }),
    password: t.string({ description: 'For this organisation; without one the person cannot sign in yet.' }),
  }),
})

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'What is absent stays.',
  fields: (t) => ({
    firstName: t.string(),
    lastName: t.string(),
    department: t.string(),
    role: t.field({ type: RoleEnum }),
    timezone: t.string(),
    preferences: t.field({ type: 'JSON' }),
  }),
})

builder.mutationFields((t) => ({
  createUser: t.field({
    type: UserType,
    nullable: true,
    args: { input: t.arg({ type: CreateUserInput, required: true }) },
    resolve: async (_, args, context, info) => {
      if (!can(context.actor, 'create', { kind: 'user', userId: '' })) throw new Refused(refuse('forbidden'))
      const input = parsed(createBody, args.input)
      const cmd = { ...input, password: input.password }
      return userView(given(await createUser(peopleDeps(context), actorOf(context, args, info), cmd)))
    },
  }),
  updateUser: t.field({
    type: UserType,
    nullable: true,
    args: {
      id: t.arg.id({ required: true }),
      version: t.arg.int({ required: true, description: 'The version you have read.' }),
      input: t.arg({ type: UpdateUserInput, required: true }),
    },
    resolve: async (_, args, context, info) => {
      const cmd = {
        id: parsed(id, args.id),
        ...changesOf(parsed(updateBody, { ...args.input, version: parsed(version, args.version) }), undefined),
      }
      return userView(given(await updateUser(peopleDeps(context), actorOf(context, args, info), cmd)))
    },
  }),
}))

function peopleDeps({ deps }: GraphContext): PeopleDeps {
  return { ...deps, passwords: deps.identity.passwords, ...createPeopleStore(deps) }
}
