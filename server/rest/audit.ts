import { z } from 'zod'
import { type AuditItem, listAudit } from '../../db/audit/queries.ts'
import { verifyChain } from '../../db/audit/verify.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { id, instant, line, pageQuery } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const link = z.object({ seq: z.int(), hash })

const auditItem = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  actorId: z.uuid(),
  onBehalfOf: z.uuid().nullable(),
  sessionId: z.uuid().nullable(),
  requestId: z.string(),
  action: z.string(),
  subjectId: z.uuid(),
  detail: z.record(z.string(), z.json()),
  seal: link.nullable(),
})

const verdict = z.object({
  ok: z.boolean(),
  checked: z.int(),
  verifiedUntil: z.int(),
  complete: z.boolean(),
  firstProblem: z
    .object({ seq: z.int(), kind: z.enum(['edited', 'deleted', 'reordered', 'truncated', 'rewritten']) })
    .optional(),
  sealedUntil: z.iso.datetime().nullable(),
  unsealed: z.int(),
  head: link.nullable(),
})

const listQuery = z.strictObject({
  ...pageQuery,
  from: instant.optional(),
  to: instant.optional(),
  actorId: id.optional(),
  action: line(100).optional(),
  subjectId: id.optional(),
})

const verifyQuery = z
  .strictObject({ after: seq.default(0), seq: seq.optional(), head: hash.optional() })
  .refine((query) => (query.seq === undefined) === (query.head === undefined), {
    message: 'goes with `seq`, and neither without the other',
    path: ['head'],
  })

/** The record of who did what, in ids. */
export function auditRoutes(deps: ApiDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      summary:
        'What was done, the newest first; `seal` is the row’s link on the hash chain, null in the second before it is sealed',
      query: listQuery,
      answers: z.object({ items: z.array(auditItem), nextCursor: z.string().nullable() }),
      locate: refuseStranger,
      handle: async ({ actor, query }) => {
        const refusal = await refuseStranger(actor)
        if (refusal !== undefined) return err(refusal)
        return pageAnswer(query, {
          key: z.tuple([z.uuid()]),
          keyOf: (item: AuditItem) => [item.id],
          view: (item) => ({ ...item, at: formatInstant(item.at) }),
          read: ({ limit, after }) =>
            listAudit(deps.pool, actor.organizationId, { ...query, limit, before: after?.[0] }),
        })
      },
    }),
    route({
      method: 'GET',
      path: '/audit/verify',
      summary:
        'Follow the hash chain from link `after` for at most 2 s (`complete`: to its end; else go on after `verifiedUntil`). ' +
        '`seq` and `head`, kept from an earlier answer or the log, show whether the chain was made anew',
      query: verifyQuery,
      answers: verdict,
      locate: refuseStranger,
      handle: async ({ actor, query }) => {
        const refusal = await refuseStranger(actor)
        if (refusal !== undefined) return err(refusal)
        const anchor =
          query.seq === undefined || query.head === undefined ? undefined : { seq: query.seq, hash: query.head }
        const found = await verifyChain(deps.pool, actor.organizationId, { after: query.after, anchor })
        const sealedUntil = found.sealedUntil && formatInstant(found.sealedUntil)
        return ok({ status: 200, body: { ...found, sealedUntil } })
      },
    }),
  ]
}

async function refuseStranger(actor: Actor): Promise<Refusal | undefined> {
  return can(actor, 'read', { kind: 'audit' }) ? undefined : refuse('forbidden')
}
