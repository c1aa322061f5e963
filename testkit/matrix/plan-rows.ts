import { type GraphRow, row as field } from './graph-row.ts'
import * as rules from './rules.ts'
import { type RestRow, nextWeek, row } from './rest-row.ts'
import { listed } from './sight.ts'

const NO_PLAN = { planId: '01900000-0000-7000-8000-000000000000' }

/** Previews: of a booking by whoever may book, of a change by whoever may change; a plan is its maker's alone. */
export const PLAN_ROWS: readonly RestRow[] = [
  row('POST /meetings/preview', 'room', rules.ROOM_NAMED_BY_WORKER, {
    ask: ({ id }) => ({ body: { title: 'Planned', roomIds: [id], ...nextWeek } }),
  }),
  row('POST /meetings/preview', 'meeting', rules.MEETING_CHANGED, {
    ask: ({ id }) => ({ body: { meetingId: id, change: { title: 'Planned' } } }),
  }),
  row('POST /meetings/commit', 'any', rules.ANY_PERSON, { ask: () => ({ body: NO_PLAN }), after: ['not_found'] }),
]

const PLANNED = 'startTime: "2026-12-02T09:00:00Z", endTime: "2026-12-02T10:00:00Z", timezone: "UTC"'

const THEN = 'startTime: "2026-11-24T09:00:00Z", endTime: "2026-11-24T10:00:00Z"'

export const CONFLICT_FIELDS: readonly GraphRow[] = [
  field(
    'query conflicts',
    'user',
    rules.USER_SEEN,
    ({ id }) => `conflicts(participantIds: ["${id}"], ${THEN}) { resourceId start end kind }`,
    { sight: listed },
  ),
  field(
    'query conflicts',
    'room',
    rules.ROOM_SEEN_BY_PEOPLE,
    ({ id }) => `conflicts(roomIds: ["${id}"], ${THEN}) { resourceId start end kind }`,
    { sight: listed },
  ),
]

export const PLAN_MUTATIONS: readonly GraphRow[] = [
  field(
    'mutation previewMeeting',
    'room',
    rules.ROOM_NAMED_BY_WORKER,
    ({ id }) => `previewMeeting(book: { title: "Planned", ${PLANNED}, roomIds: ["${id}"] }) { planId }`,
  ),
  field(
    'mutation previewMeeting',
    'meeting',
    rules.MEETING_CHANGED,
    ({ id }) => `previewMeeting(change: { meetingId: "${id}", change: { title: "Planned" } }) { planId }`,
  ),
  field(
    'mutation commitMeeting',
    'any',
    rules.ANY_PERSON,
    `commitMeeting(planId: "${NO_PLAN.planId}") { __typename ... on NotAllowed { code } }`,
    { after: ['not_found'] },
  ),
]
