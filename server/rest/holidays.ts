import { z } from 'zod'
import { type ListedCalendar, listHolidayCalendars, readHolidays } from '../../db/people/holidays.ts'
import { readAtOnce } from '../../db/transaction.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { type HolidaysView, holidaysView, setHolidays } from '../../domain/people/holidays.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { plainEtag } from '../../domain/versions.ts'
import type { ApiDeps } from '../deps.ts'
import { pageQuery } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Answer, type Route, route } from './route.ts'
import { calendarName, holidaysAnswer, holidaysBody } from './time-shapes.ts'
import { type UsersDeps, peopleDeps } from './users.ts'

const calendarParams = z.strictObject({ calendar: calendarName })

/** Days off by calendar; a person names the one he keeps among his working hours. */
export function holidaysRoutes(deps: UsersDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/holidays',
      summary: 'The holiday calendars of the organisation in the order of names, with how many days each holds',
      query: z.strictObject(pageQuery),
      answers: z.object({
        items: z.array(z.object({ calendar: z.string(), days: z.int() })),
        nextCursor: z.string().nullable(),
      }),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: z.tuple([z.string()]),
          keyOf: (item: ListedCalendar) => [item.calendar],
          view: (item) => item,
          read: ({ limit, after }) =>
            listHolidayCalendars(deps.pool, actor.organizationId, { limit, after: after?.[0] }),
        }),
    }),
    route({
      method: 'GET',
      path: '/holidays/:calendar',
      summary: 'The days of one holiday calendar',
      params: calendarParams,
      answers: holidaysAnswer,
      handle: async ({ actor, params }) => {
        const found = await findHolidays(deps, actor, params.calendar)
        return found === undefined ? err(refuse('not_found')) : ok(answerOf(found))
      },
    }),
    route({
      method: 'PUT',
      path: '/holidays/:calendar',
      summary: 'Write a holiday calendar, new or not: all its days; none takes it away. May carry If-Match',
      params: calendarParams,
      body: holidaysBody,
      answers: holidaysAnswer,
      locate: async (actor) => (can(actor, 'update', { kind: 'holidays' }) ? undefined : refuse('forbidden')),
      handle: async ({ actor, params, body: { version, items }, ifVersion }) => {
        const cmd = { calendar: params.calendar, seen: { ifVersion, version }, items }
        const written = await setHolidays(peopleDeps(deps), actor, cmd)
        return written.ok ? ok(answerOf(written.value)) : written
      },
    }),
  ]
}

/** undefined: there is no such calendar. */
export async function findHolidays(
  { pool }: Pick<ApiDeps, 'pool'>,
  { organizationId }: Actor,
  calendar: string,
): Promise<HolidaysView | undefined> {
  const items = await readAtOnce(pool, organizationId, (tx) => readHolidays(tx, calendar))
  return items.length === 0 ? undefined : holidaysView(calendar, items)
}

function answerOf(view: HolidaysView): Answer {
  return { status: 200, body: view, etag: plainEtag(view) }
}
