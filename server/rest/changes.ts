import type { SeenVersion } from '../../domain/versions.ts'

type Changes<Body> = { [K in keyof Omit<Body, 'version'>]?: Exclude<Body[K], undefined> }

/** A PUT body in two: which version the writer has seen, and the fields he sent (zod's optional ones may hold undefined). */
export function changesOf<Body extends { version?: number | undefined }>(
  { version, ...fields }: Body,
  ifVersion: SeenVersion['ifVersion'],
): { seen: SeenVersion; changes: Changes<Body> } {
  const sent = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { seen: { ifVersion, version }, changes: Object.fromEntries(sent) as Changes<Body> }
}
