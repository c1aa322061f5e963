import type { AgendaEntry } from '../client/contract.ts'

/** Enough to find the one that is meant. */
export const MAX_SHOWN = 20

/** An event of a meeting brings all its entries; with none it is out of the agenda. */
export function foldAgenda(
  entries: readonly AgendaEntry[],
  { meetingId, entries: next = [] }: { meetingId: string; entries?: AgendaEntry[] },
): AgendaEntry[] {
  return [...entries.filter((entry) => entry.meetingId !== meetingId), ...next]
}

/** What is not over yet, the next one first. */
export function upcoming(entries: readonly AgendaEntry[], now: number): AgendaEntry[] {
  return entries
    .filter(({ end, status }) => Date.parse(end) > now && status !== 'cancelled')
    .toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start))
    .slice(0, MAX_SHOWN)
}
