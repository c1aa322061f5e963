import type { Target } from './things.ts'

/** How much of a target an answer shows: its content, that it is there, or nothing of it. */
export const shown = {
  item: (body: unknown, target: Target): string => sightIn(JSON.stringify(body), target),
  text: (body: unknown, target: Target): string => (String(body).includes(target.mark) ? 'see' : 'bare'),
  /** Of `{ items }`, or of a list as it is. */
  list(body: unknown, target: Target): string {
    const items = Array.isArray(body) ? body : (body as { items: unknown[] }).items
    const found = items.map((one) => JSON.stringify(one)).find((one) => one.includes(target.id))
    return found === undefined ? '404' : sightIn(found, target)
  },
  /** Where being there is all there is to see. */
  listed(body: unknown, target: Target): string {
    return shown.list(body, { ...target, mark: target.id })
  },
}

function sightIn(json: string, { mark }: Target): string {
  return json.includes(mark) ? 'see' : 'bare'
}
