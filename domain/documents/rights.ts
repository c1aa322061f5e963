import type { Actor } from '../identity/actor.ts'
import { type Resource, can } from '../identity/can.ts'

export type DocumentRight = 'none' | 'read' | 'edit'

/** What somebody may do in the document of this meeting. */
export function documentRight(actor: Actor, meeting: Extract<Resource, { kind: 'meeting' }>): DocumentRight {
  if (!can(actor, 'read_content', meeting)) return 'none'
  return can(actor, 'edit', meeting) ? 'edit' : 'read'
}
