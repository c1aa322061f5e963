import type { Clock } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import type { AuditEntry } from '../news.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'

export interface JobsTx {
  /** Gives work that was given up a new life, due at once. False: there is none such. */
  revive(kind: string, subject: string, now: Instant): Promise<boolean>
  record(entry: { actor: Actor; events: []; audit: AuditEntry }): Promise<void>
}

export interface JobsDeps extends Clock {
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: JobsTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}

/** Tries work again that was given up. Refuses with `forbidden`, or `not_found` when nothing of that name is given up. */
export async function retryJob(
  deps: JobsDeps,
  actor: Actor,
  { kind, subject }: { kind: string; subject: string },
): Promise<Result<undefined, Refusal>> {
  if (!can(actor, 'update', { kind: 'job' })) return err(refuse('forbidden'))
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    if (!(await tx.revive(kind, subject, now))) return err(refuse('not_found'))
    await tx.record({
      actor,
      events: [],
      audit: { action: 'job.retry', subjectId: actor.organizationId, detail: { kind, subject } },
    })
    return ok(undefined)
  })
}
