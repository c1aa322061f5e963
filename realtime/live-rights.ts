import type { RoleChange } from '../db/identity/revocations.ts'

/** Far more than can change while one handshake is under way. */
const MAX_REMEMBERED = 10_000

/** Roles that changed lately, for handshakes that were on their way when it happened. Pure state. */
export class RoleChanges {
  readonly #changes = new Map<string, { change: RoleChange; number: number }>()
  #count = 0

  /** To be taken before a token is looked at. */
  get mark(): number {
    return this.#count
  }

  add(change: RoleChange): void {
    this.#count += 1
    const key = keyOf(change)
    this.#changes.delete(key)
    this.#changes.set(key, { change, number: this.#count })
    if (this.#changes.size > MAX_REMEMBERED) this.#changes.delete(this.#changes.keys().next().value as string)
  }

  /** What changed for this user after the mark, if anything did. */
  since(mark: number, user: Pick<RoleChange, 'organizationId' | 'userId'>): RoleChange | undefined {
    const found = this.#changes.get(keyOf(user))
    return found !== undefined && found.number > mark ? found.change : undefined
  }
}

function keyOf({ organizationId, userId }: Pick<RoleChange, 'organizationId' | 'userId'>): string {
  return `${organizationId} ${userId}`
}
