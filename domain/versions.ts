import { type Refusal, refuse } from './refusals.ts'

/** What a writer says he has read: If-Match (`*` is any) and `version` in the body. Both given, both must match. */
export interface SeenVersion {
  ifVersion: number | '*' | undefined
  version: number | undefined
}

/**
 * `version_required` when the writer names no version, `stale` with the entity as it is when it is another one. This is
 * what makes a lost update impossible.
 */
export function versionRefusal(
  seen: SeenVersion,
  current: { version: number },
  view: () => unknown,
): Refusal | undefined {
  if (seen.ifVersion === undefined && seen.version === undefined) return refuse('version_required')
  return staleRefusal(seen, current, view)
}

/** The same where naming a version is up to the writer. */
export function staleRefusal(
  seen: SeenVersion,
  current: { version: number },
  view: () => unknown,
): Refusal | undefined {
  const matches =
    (seen.ifVersion === undefined || seen.ifVersion === '*' || seen.ifVersion === current.version) &&
    (seen.version === undefined || seen.version === current.version)
  return matches ? undefined : refuse('stale', undefined, { current: view() })
}

/** `<version>.<text revision>` of an entity that has no document text. */
export function plainEtag(entity: { version: number }): string {
  return `${entity.version}.0`
}
