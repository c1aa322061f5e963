import type { z } from 'zod'
import { userWithTime, type UserWithTime } from '../../db/people/queries.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Verb, can } from '../../domain/identity/can.ts'
import { absencesView, setAbsences } from '../../domain/people/set-absences.ts'
import { delegatesView, setDelegates } from '../../domain/people/set-delegates.ts'
import { setWorkingHours, workingTime } from '../../domain/people/set-working-hours.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { plainEtag } from '../../domain/versions.ts'
import type { ApiDeps } from '../deps.ts'
import { idParams } from './input.ts'
import { type Answer, type Route, route } from './route.ts'
import {
  absencesAnswer,
  absencesBody,
  delegatesAnswer,
  delegatesBody,
  workingHoursAnswer,
  workingHoursBody,
} from './time-shapes.ts'
import { type UsersDeps, peopleDeps } from './users.ts'

/** What a person says of his time and who acts for him. All of it is of the version of the person. */
export function userTimeRoutes(deps: UsersDeps): Route[] {
  const people = peopleDeps(deps)
  const locate =
    (verb: Verb) =>
    async (actor: Actor, { id }: { id: string }) => {
      const found = await findTime(deps, actor, id, verb)
      return found.ok ? undefined : found.error
    }
  return [
    route({
      method: 'GET',
      path: '/users/:id/working-hours',
      summary: 'When a person works, in his own zone, and what he asks of meetings',
      params: idParams,
      answers: workingHoursAnswer,
      handle: async ({ actor, params }) => {
        const found = await findTime(deps, actor, params.id, 'read')
        return found.ok ? versioned(ok(workingTime(found.value.user, found.value.rules))) : found
      },
    }),
    route({
      method: 'PUT',
      path: '/users/:id/working-hours',
      summary:
        'Say when a person works: any subset, null takes a rule away. Needs If-Match or `version`, of the person',
      params: idParams,
      body: workingHoursBody,
      answers: workingHoursAnswer,
      locate: locate('update'),
      handle: async ({ actor, params, body, ifVersion }) =>
        versioned(await setWorkingHours(people, actor, workingHoursCommand(params.id, body, ifVersion))),
    }),
    route({
      method: 'GET',
      path: '/users/:id/absences',
      summary: 'When a person is away; why, for himself and managers only',
      params: idParams,
      answers: absencesAnswer,
      handle: async ({ actor, params }) => {
        const found = await findTime(deps, actor, params.id, 'read')
        return found.ok ? versioned(ok(absencesView(actor, found.value.user, found.value.absences))) : found
      },
    }),
    route({
      method: 'PUT',
      path: '/users/:id/absences',
      summary: 'Say when a person is away: all of it. Needs If-Match or `version`, of the person',
      params: idParams,
      body: absencesBody,
      answers: absencesAnswer,
      locate: locate('update'),
      handle: async ({ actor, params, body: { version, items }, ifVersion }) =>
        versioned(await setAbsences(people, actor, { userId: params.id, seen: { ifVersion, version }, items })),
    }),
    route({
      method: 'GET',
      path: '/users/:id/delegates',
      summary: 'Who may act in this person’s name: for himself and managers',
      params: idParams,
      answers: delegatesAnswer,
      handle: async ({ actor, params }) => {
        const found = await findTime(deps, actor, params.id, 'read_content')
        return found.ok ? versioned(ok(delegatesView(found.value.user, found.value.delegateIds))) : found
      },
    }),
    route({
      method: 'PUT',
      path: '/users/:id/delegates',
      summary:
        'Say who may act in one’s own name, with On-Behalf-Of: all of them. Needs If-Match or `version`, of the person',
      params: idParams,
      body: delegatesBody,
      answers: delegatesAnswer,
      locate: locate('delegate'),
      handle: async ({ actor, params, body: { version, items }, ifVersion }) => {
        const delegateIds = items.map((item) => item.userId)
        return versioned(
          await setDelegates(people, actor, { userId: params.id, seen: { ifVersion, version }, delegateIds }),
        )
      },
    }),
  ]
}

export function workingHoursCommand(
  userId: string,
  { timezone, weekly, version, ...rules }: z.output<typeof workingHoursBody>,
  ifVersion: number | '*' | undefined,
) {
  return { userId, seen: { ifVersion, version }, timezone, weekly, rules }
}

/** 404 for whom this viewer may not know of, 403 for what he may not do to him. */
export async function findTime(
  deps: Pick<ApiDeps, 'pool'>,
  actor: Actor,
  userId: string,
  verb: Verb,
): Promise<Result<UserWithTime, Refusal>> {
  const resource = { kind: 'user', userId } as const
  if (!can(actor, 'read', resource)) return err(refuse('not_found'))
  const found = await userWithTime(deps.pool, actor.organizationId, userId)
  if (found === undefined) return err(refuse('not_found'))
  return can(actor, verb, resource) ? ok(found) : err(refuse('forbidden'))
}

function versioned(view: Result<{ version: number }, Refusal>): Result<Answer, Refusal> {
  return view.ok ? ok({ status: 200, body: view.value, etag: plainEtag(view.value) }) : view
}
