import type { Role } from './actor.ts'

/** Each may what those before it may. */
const LADDER: readonly Role[] = ['guest', 'member', 'room_manager', 'admin', 'owner']
/** What else may all that an auditor may. */
const ABOVE_AUDITOR: readonly Role[] = ['admin', 'owner']

/**
 * The highest role that may nothing which either of two may not: what is left to somebody who acts for somebody else. An auditor
 * and one who books have nothing in common but what guests have.
 */
export function lowerRole(a: Role, b: Role): Role {
  if (a === b) return a
  if (a === 'panel' || b === 'panel') return 'panel'
  if (a === 'auditor') return ABOVE_AUDITOR.includes(b) ? 'auditor' : 'guest'
  if (b === 'auditor') return lowerRole(b, a)
  return LADDER.indexOf(a) < LADDER.indexOf(b) ? a : b
}
