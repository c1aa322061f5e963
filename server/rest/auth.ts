import { z } from 'zod'
import { createPeopleStore } from '../../db/people/people-tx.ts'
import type { DevicesDeps } from '../../domain/identity/device.ts'
import { login } from '../../domain/identity/login.ts'
import { logout } from '../../domain/identity/logout.ts'
import type { IdentityDeps } from '../../domain/identity/ports.ts'
import { refresh } from '../../domain/identity/refresh.ts'
import { register } from '../../domain/identity/register.ts'
import type { SignedIn } from '../../domain/identity/sign-in.ts'
import { issueSocketTicket } from '../../domain/identity/socket-ticket.ts'
import { updateUser } from '../../domain/people/update-user.ts'
import { userView } from '../../domain/people/user.ts'
import { ok } from '../../domain/result.ts'
import { plainEtag } from '../../domain/versions.ts'
import type { ApiDeps } from '../deps.ts'
import { changesOf } from './changes.ts'
import { email, line, metadata, timezone, version } from './input.ts'
import { type Route, route } from './route.ts'
import { name, password, userAnswer, userAnswerFor, userFound } from './users.ts'

export interface AuthDeps extends ApiDeps {
  identity: IdentityDeps & { jwks: () => object; devices: DevicesDeps }
}

const organization = line(200)
const refreshToken = z.string().min(1).max(200)
const signedInAnswer = z.object({
  user: userAnswer,
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.int(),
})

const registerBody = z.strictObject({
  email,
  password,
  firstName: name,
  lastName: name,
  organization,
  timezone: timezone.optional(),
})
const loginBody = z.strictObject({ email, password, organization: organization.optional() })
const profileBody = z
  .strictObject({
    firstName: name,
    lastName: name,
    department: line(100).nullable(),
    timezone,
    preferences: metadata,
    version,
  })
  .partial()

export function authRoutes(deps: AuthDeps): Route[] {
  const { identity } = deps
  return [...sessionRoutes(deps), ...profileRoutes(deps)].concat(
    route({
      method: 'POST',
      path: '/auth/socket-ticket',
      summary: 'A token for sockets and documents that lives as long as the session',
      answers: z.object({ ticket: z.string() }),
      handle: async ({ actor }) => {
        const ticket = await issueSocketTicket(identity, actor)
        return ticket.ok ? ok({ status: 201, body: { ticket: ticket.value } }) : ticket
      },
    }),
    route({
      method: 'GET',
      path: '/.well-known/jwks.json',
      summary: 'Public keys of the access tokens (RFC 7517)',
      public: true,
      answers: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
      handle: async () => ok({ status: 200, body: identity.jwks() }),
    }),
  )
}

function sessionRoutes({ identity, authenticate }: AuthDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/register',
      summary: 'Found an organisation as its owner',
      public: true,
      attempts: { kind: 'register', account: (body) => body.email },
      body: registerBody,
      answers: signedInAnswer,
      handle: async ({ actor, body, client }) => {
        const by = { requestId: actor.requestId, userAgent: client.userAgent }
        const registered = await register(identity, { ...body, timezone: body.timezone, client: by })
        if (!registered.ok) return registered
        const { user } = registered.value
        return ok({
          status: 201,
          body: signedIn(registered.value),
          location: `/users/${user.id}`,
          etag: plainEtag(user),
        })
      },
    }),
    route({
      method: 'POST',
      path: '/auth/login',
      summary: 'Sign in; `organization` (name or id) for who belongs to several',
      public: true,
      attempts: { kind: 'login', account: (body) => body.email },
      body: loginBody,
      answers: signedInAnswer,
      handle: async ({ actor, body, client }) => {
        const by = { requestId: actor.requestId, userAgent: client.userAgent }
        const result = await login(identity, { ...body, organization: body.organization, client: by })
        return result.ok ? ok({ status: 200, body: signedIn(result.value) }) : result
      },
    }),
    route({
      method: 'POST',
      path: '/auth/refresh',
      summary: 'A new access token and the next refresh token; the one given is used up',
      public: true,
      attempts: { kind: 'refresh' },
      body: z.strictObject({ refreshToken }),
      answers: signedInAnswer,
      handle: async ({ actor, body }) => {
        const result = await refresh(identity, { refreshToken: body.refreshToken, requestId: actor.requestId })
        return result.ok ? ok({ status: 200, body: signedIn(result.value) }) : result
      },
    }),
    route({
      method: 'POST',
      path: '/auth/logout',
      summary: 'End the session of the access token or of the refresh token',
      public: true,
      body: z.strictObject({ refreshToken: refreshToken.optional() }),
      handle: async ({ actor, body, client }) => {
        const principal = await authenticate(client.token, 'http')
        const { requestId } = actor
        const result = await logout(identity, { principal, refreshToken: body.refreshToken, requestId })
        return result.ok ? ok({ status: 204 }) : result
      },
    }),
  ]
}

/** The same entity and command as /users/:id, for oneself; here naming a version is up to the writer. */
function profileRoutes(deps: AuthDeps): Route[] {
  const people = { ...deps, passwords: deps.identity.passwords, ...createPeopleStore(deps) }
  return [
    route({
      method: 'GET',
      path: '/auth/profile',
      summary: 'Oneself',
      panels: true,
      answers: userAnswer,
      handle: ({ actor }) => userAnswerFor(deps, actor, actor.userId),
    }),
    route({
      method: 'PUT',
      path: '/auth/profile',
      summary: 'Change oneself: any subset of the fields',
      body: profileBody,
      answers: userAnswer,
      handle: async ({ actor, body, ifVersion }) => {
        const write = changesOf(body, ifVersion)
        const updated = await updateUser(people, actor, { id: actor.userId, versionOptional: true, ...write })
        return updated.ok ? ok(userFound(updated.value)) : updated
      },
    }),
  ]
}

function signedIn({ user, accessToken, refreshToken: token, expiresIn }: SignedIn): object {
  return { user: userView(user), accessToken, refreshToken: token, expiresIn }
}
