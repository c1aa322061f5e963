import type { Answer } from './api.ts'
import { type BookingOffice, expectStatus } from './booking-office.ts'

/** Edits by scope over HTTP (CONTRACT.md, Scopes), for series of five days from tomorrow at ten in Berlin. */
export interface ScopeDesk {
  series: (given?: object) => Promise<string>
  patch: (
    id: string,
    body: object,
    scope?: string,
    recurrenceId?: string,
    headers?: Record<string, string>,
  ) => Promise<Answer>
  drop: (id: string, scope?: string, recurrenceId?: string) => Promise<Answer>
  restore: (id: string, body?: object) => Promise<Answer>
  occurrences: (id: string, query?: string) => Promise<Item[]>
  /** `id's day: day hh:mm-hh:mm` in UTC, and the title if it is another. */
  look: (id: string, query?: string) => Promise<string[]>
  /** `day hh:mm` of what takes the room. */
  taken: (room: string) => Promise<string[]>
}

export interface Item {
  id: string
  recurrenceId: string
  startTime: string
  endTime: string
  title: string
  description: string
}

export const DAILY = { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' } }
/** Its recurrence ids. */
export const R = [
  '20261124T100000',
  '20261125T100000',
  '20261126T100000',
  '20261127T100000',
  '20261128T100000',
] as const

export function scopeDesk(office: BookingOffice): ScopeDesk {
  const { api, token } = office
  const path = (id: string, scope?: string, recurrenceId?: string) =>
    `/meetings/${id}${scope ? `?scope=${scope}${recurrenceId ? `&recurrenceId=${recurrenceId}` : ''}` : ''}`
  const occurrences: ScopeDesk['occurrences'] = async (id, query = '') =>
    expectStatus(await office.get(`/meetings/${id}/occurrences${query}`), 200).body.items
  return {
    series: async (given = {}) => expectStatus(await office.book({ ...DAILY, ...given }), 201).body.meeting.id,
    patch: (id, body, scope, recurrenceId, headers = {}) =>
      api.call('PATCH', path(id, scope, recurrenceId), { token, body, headers }),
    drop: (id, scope, recurrenceId) => api.call('DELETE', path(id, scope, recurrenceId), { token }),
    restore: (id, body = {}) => api.call('POST', `/meetings/${id}/restore`, { token, body }),
    occurrences,
    look: async (id, query) =>
      (await occurrences(id, query)).map(({ recurrenceId, startTime, endTime, title }) => {
        const [from, to] = [startTime, endTime].map((iso) => iso.slice(8, 16).replace('T', ' '))
        return `${recurrenceId.slice(6, 8)}: ${from}-${to?.slice(3)}${title === 'Planning' ? '' : ` ${title}`}`
      }),
    taken: async (room) => {
      const { items } = (await office.get(`/rooms/${room}/schedule`)).body
      return items.map((item: { start: string }) => item.start.slice(8, 16).replace('T', ' '))
    },
  }
}
