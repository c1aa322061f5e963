import * as rules from './rules.ts'
import { type RestRow, OUTDATED, nextWeek, row, stale, tomorrow, window } from './rest-row.ts'
import { item, list, listed, text } from './sight.ts'

export const MEETING_ROWS: readonly RestRow[] = [
  row('POST /meetings', 'any', rules.WORKED, { ask: () => ({ body: { title: 'Mine', ...nextWeek } }) }),
  row('POST /meetings', 'any', rules.WORKED, { ask: () => ({ body: {} }), after: ['invalid_input'] }),
  row('POST /meetings', 'room', rules.ROOM_NAMED_BY_WORKER, {
    ask: ({ id }) => ({ body: { title: 'There', ...nextWeek, roomIds: [id] } }),
    after: ['slot_conflict'],
  }),
  row('POST /meetings', 'user', rules.USER_INVITED, {
    ask: ({ id }) => ({
      body: { title: 'With you', ...nextWeek, participants: [{ userId: id }], visibility: 'participants' },
    }),
  }),
  row('GET /meetings', 'meeting', rules.MEETING_SEEN, { ask: () => ({ query: window }), sight: list }),
  row('GET /meetings', 'meeting', rules.MEETING_SEEN, {
    ask: () => ({ query: { ...window, expand: 'series' } }),
    sight: list,
  }),
  ...['organizerId', 'participantId'].map((name) =>
    row('GET /meetings', 'meeting', rules.MEETING_FOUND_BY_HOST, {
      ask: (_, _who, { host }) => ({ query: { ...window, [name]: host.id } }),
      sight: list,
    }),
  ),
  row('GET /meetings/conflicts', 'user', rules.USER_SEEN, {
    ask: ({ id }) => ({ query: { ...tomorrow, participantIds: id } }),
    sight: (body, target) => listed((body as { conflicts: unknown }).conflicts, target),
  }),
  row('GET /meetings/conflicts', 'room', rules.ROOM_SEEN_BY_PEOPLE, {
    ask: ({ id }) => ({ query: { ...tomorrow, roomIds: id } }),
    sight: (body, target) => listed((body as { conflicts: unknown }).conflicts, target),
  }),
  row('GET /meetings/:id', 'meeting', rules.MEETING_SEEN, { sight: item }),
  row('GET /meetings/:id/ics', 'meeting', rules.MEETING_SEEN, { sight: text }),
  row('GET /meetings/:id/occurrences', 'meeting', rules.MEETING_SEEN, { ask: () => ({ query: window }), sight: list }),
  ...[{ title: 'X', version: OUTDATED }, { nonsense: 1 }].map((body) =>
    row('PUT /meetings/:id', 'meeting', rules.MEETING_CHANGED, {
      ask: () => ({ body }),
      after: ['stale', 'invalid_input'],
    }),
  ),
  row('POST /meetings/:id/participants', 'meeting', rules.MEETING_CHANGED, {
    ask: (_, _who, { people }) => ({ body: { userId: people.owner.id }, ...stale }),
    after: ['stale', 'unknown_reference'],
  }),
  ...[{ title: 'X', version: OUTDATED }, { nonsense: 1 }].map((body) =>
    row('PATCH /meetings/:id', 'meeting', rules.MEETING_CHANGED, {
      ask: () => ({ body }),
      after: ['stale', 'invalid_input'],
    }),
  ),
  row('PATCH /meetings/:id', 'meeting', rules.MEETING_CHANGED, {
    ask: () => ({ body: {}, query: { scope: 'this' } }),
    after: ['invalid_input'],
  }),
  row('POST /meetings/:id/restore', 'meeting', rules.MEETING_CANCELLED, {
    ask: () => ({ body: {}, ...stale }),
    after: ['stale'],
  }),
  row('DELETE /meetings/:id', 'meeting', rules.MEETING_CANCELLED, { ask: () => stale, after: ['stale'] }),
  row('POST /meetings/:id/cancel', 'meeting', rules.MEETING_CANCELLED, {
    ask: () => ({ body: {}, ...stale }),
    after: ['stale'],
  }),
]

export const CALENDAR_ROWS: readonly RestRow[] = [
  row('POST /calendar/integrate', 'any', rules.ANY_PERSON, {
    ask: () => ({ body: { provider: 'ics', url: 'http://127.0.0.1:22/a.ics' } }),
    after: ['address_refused'],
  }),
  row('GET /calendar/integrations', 'integration', rules.OWN_SEEN, { sight: list }),
  row('GET /calendar/integrations/:id', 'integration', rules.OWN_SEEN, { sight: item }),
  row('GET /calendar/integrations/:id/health', 'integration', rules.OWN_CHANGED),
  row('DELETE /calendar/integrations/:id', 'integration', rules.OWN_CHANGED, {
    // The last one stays for the others to knock at.
    ask: () => ({ query: { really: 'no' } }),
    after: ['invalid_input'],
  }),
  row('POST /calendar/sync', 'integration', rules.OWN_CHANGED, { ask: ({ id }) => ({ body: { integrationId: id } }) }),
  row('GET /calendar/events', 'external', rules.OWN_SEEN, { ask: () => ({ query: window }), sight: list }),
  row('GET /calendar/events', 'integration', rules.OWN_SEEN, {
    ask: ({ id }) => ({ query: { ...window, integrationId: id } }),
    sight: listed,
  }),
  row('GET /calendar/events', 'meeting', rules.MEETING_IN_OWN_CALENDAR, {
    ask: () => ({ query: window }),
    sight: list,
  }),
  row('POST /calendar/feeds', 'any', rules.ANY_PERSON, { ask: () => ({ body: { kind: 'person' } }) }),
  row('POST /calendar/feeds', 'room', rules.ROOM_NAMED_BY_PERSON, {
    ask: ({ id }) => ({ body: { kind: 'room', roomId: id } }),
  }),
  row('GET /calendar/feeds', 'feed', rules.OWN_SEEN, { ask: () => ({ query: { limit: '500' } }), sight: list }),
  row('GET /calendar/feeds/:token', 'secret', rules.FEED_READ, {
    ask: ({ roomId: secret }) => ({ params: { token: `${secret}.ics` } }),
    sight: text,
  }),
  row('DELETE /calendar/feeds/:id', 'feed', rules.OWN_CHANGED),
  row('DELETE /calendar/integrations/:id', 'integration', rules.OWN_CHANGED),
]
