import type { Target } from './things.ts'

// How much of a target an answer shows: `see` its content, `bare` that it is there, 404 nothing of it.

export function item(body: unknown, target: Target): string {
  return sightIn(JSON.stringify(body), target)
}

/** Of an answer that is no JSON. */
export function text(body: unknown, target: Target): string {
  return sightIn(String(body), target)
}

/** Of `{ items }`, or of a list as it is. */
export function list(body: unknown, target: Target): string {
  const items = Array.isArray(body) ? (body as unknown[]) : (body as { items: unknown[] }).items
  const found = items.map((one) => JSON.stringify(one)).find((one) => one.includes(target.id))
  return found === undefined ? '404' : sightIn(found, target)
}

/** Where being there is all there is to see. */
export function listed(body: unknown, target: Target): string {
  return list(body, { ...target, mark: target.id })
}

function sightIn(shown: string, { mark }: Target): string {
  return shown.includes(mark) ? 'see' : 'bare'
}
