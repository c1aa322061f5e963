import { z } from 'zod'
import { type FreeSlots, freeSlots } from '../../db/availability/free-slots.ts'
import type { Entry } from '../../db/availability/entries.ts'
import { freeBusyOf, maySee, overlayOf } from '../../db/availability/queries.ts'
import type { FreeStart } from '../../domain/availability/free-starts.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { type Instant, type Interval, MINUTE_MS, instant, plus } from '../../domain/time/instant.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import {
  availabilityAnswer,
  availabilityQuery,
  calendarAnswer,
  calendarQuery,
  type entryAnswer,
  entryView,
  freeBusyAnswer,
  overlayAnswer,
  type slotAnswer,
  sourcesView,
  spanView,
  subjectsQuery,
  windowRefusal,
} from './availability-shapes.ts'
import { idParams } from './input.ts'
import { windowOf } from './meeting-shapes.ts'
import { mayBook } from './meetings.ts'
import { pageAnswer } from './page.ts'
import { type Answer, type Route, route } from './route.ts'

/** Start of the last slot of a page. */
const slotKey = z.tuple([z.int()])
/** Start and id of the last entry of a page. */
const entryKey = z.tuple([z.int(), z.uuid()])

export function availabilityRoutes(deps: ApiDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/calendar/freebusy',
      summary: 'When people and rooms are taken, and nothing of what it is; rooms with their buffers',
      query: subjectsQuery,
      answers: freeBusyAnswer,
      handle: async ({ actor, query }) => answered(await freeBusyView(deps, actor, query)),
    }),
    route({
      method: 'GET',
      path: '/calendar/overlay',
      summary: 'Calendars of people and rooms side by side, with working hours; content where you may read it',
      query: subjectsQuery,
      answers: overlayAnswer,
      handle: async ({ actor, query }) => answered(await overlayView(deps, actor, query)),
    }),
    route({
      method: 'GET',
      path: '/calendar/availability',
      summary:
        'Starts at which such a meeting could be booked: `userIds` must come, `optionalIds` may, `quorum` in all',
      query: availabilityQuery,
      answers: availabilityAnswer,
      locate: mayBook,
      handle: async ({ actor, query }) => answered(await slotsView(deps, actor, query)),
    }),
    route({
      method: 'GET',
      path: '/users/:id/calendar',
      summary: 'One person’s calendar by start: content where you may read it, else that the time is taken',
      params: idParams,
      query: calendarQuery,
      answers: calendarAnswer,
      locate: async (actor, { id }) =>
        maySee(actor, { userIds: [id], roomIds: [] }) ? undefined : refuse('not_found'),
      handle: async ({ actor, params, query }) => answered(await calendarView(deps, actor, params.id, query)),
    }),
  ]
}

function answered<T>(found: Result<T, Refusal>): Result<Answer, Refusal> {
  return found.ok ? ok({ status: 200, body: found.value }) : found
}

export async function slotsView(
  deps: ApiDeps,
  actor: Actor,
  query: SlotsAsked,
): Promise<Result<z.output<typeof availabilityAnswer>, Refusal>> {
  const window = slotWindow(deps, query)
  const found = await slotsFor(deps, actor, query, window)
  if (!found.ok) return found
  const { slots, calendars } = found.value
  const page = await pageAnswer<FreeStart, [number]>(query, {
    key: slotKey,
    keyOf: ({ start }) => [start],
    view: (slot) => slotView(slot, query),
    read: async ({ limit, after }) => pageAfter(slots, (slot) => !after || slot.start > after[0], limit),
  })
  if (!page.ok) return page
  const { items, nextCursor } = page.value.body as Page<z.output<typeof slotAnswer>>
  return ok({ items, nextCursor, ...windowView(window), sources: sourcesView(calendars, deps.now()) })
}

export async function calendarView(
  deps: ApiDeps,
  actor: Actor,
  userId: string,
  query: z.output<typeof calendarQuery>,
): Promise<Result<z.output<typeof calendarAnswer>, Refusal>> {
  const asked = { userIds: [userId], roomIds: [] }
  const found = await entriesFor(deps, actor, asked, asWindow(windowOf(deps, query)))
  if (!found.ok) return found
  const { subjects, calendars } = found.value
  const entries = subjects[0]?.entries ?? []
  const page = await pageAnswer<Entry, [number, string]>(query, {
    key: entryKey,
    keyOf: ({ start, id }) => [start, id],
    view: entryView,
    read: async ({ limit, after }) => pageAfter(entries, (entry) => !after || isAfter(entry, after), limit),
  })
  if (!page.ok) return page
  const { items, nextCursor } = page.value.body as Page<z.output<typeof entryAnswer>>
  return ok({ items, nextCursor, sources: sourcesView(calendars, deps.now()) })
}

interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

type SubjectsAsked = z.output<typeof subjectsQuery>
type SlotsAsked = z.output<typeof availabilityQuery>

export async function freeBusyView(
  deps: ApiDeps,
  actor: Actor,
  query: SubjectsAsked,
): Promise<Result<z.output<typeof freeBusyAnswer>, Refusal>> {
  const window = asWindow(windowOf(deps, query))
  const refused = windowRefusal(window, query.userIds.length + query.roomIds.length)
  if (refused !== undefined) return err(hiddenOr(actor, query, refused))
  const now = deps.now()
  const found = await freeBusyOf(deps.pool, actor, query, window, now)
  if (!found.ok) return found
  const items = found.value.subjects.map(({ busy, ...subject }) => ({
    ...subject,
    busy: busy.map((block) => ({ ...spanView(block), status: block.status })),
  }))
  return ok({ ...windowView(window), items, sources: sourcesView(found.value.calendars, now) })
}

export async function overlayView(
  deps: ApiDeps,
  actor: Actor,
  query: SubjectsAsked,
): Promise<Result<z.output<typeof overlayAnswer>, Refusal>> {
  const window = asWindow(windowOf(deps, query))
  const found = await entriesFor(deps, actor, query, window)
  if (!found.ok) return found
  const items = found.value.subjects.map(({ entries, working, ...subject }) => ({
    ...subject,
    ...(working !== undefined && { working: working.map(spanView) }),
    items: entries.map(entryView),
  }))
  return ok({ ...windowView(window), items, sources: sourcesView(found.value.calendars, deps.now()) })
}

/** Refuses with `not_found` whoever the viewer may not know of, and with `forbidden` who may book nothing at all. */
async function slotsFor(
  deps: ApiDeps,
  actor: Actor,
  query: SlotsAsked,
  window: Interval,
): Promise<Result<FreeSlots, Refusal>> {
  const { userIds, optionalIds, roomIds } = query
  const asked = { userIds: [...userIds, ...optionalIds], roomIds }
  if (!maySee(actor, asked)) return err(refuse('not_found'))
  const forbidden = await mayBook(actor)
  const refused = windowRefusal(window, asked.userIds.length + roomIds.length)
  if (refused !== undefined) return err(forbidden ?? refused)
  const found = await freeSlots(deps.pool, actor, { ...query, window }, deps.now())
  if (found === undefined) return err(refuse('not_found'))
  return forbidden === undefined ? ok(found) : err(forbidden)
}

/** Candidates begin at `from`; without one at the next whole step from now. */
function slotWindow(deps: ApiDeps, query: SlotsAsked): Interval {
  const stepMs = query.granularityMinutes * MINUTE_MS
  const from = query.from ?? instant(Math.ceil(deps.now() / stepMs) * stepMs)
  return asWindow(windowOf(deps, { from, to: query.to }))
}

/** Who can come is told where it is not everybody. */
function slotView({ start, attending }: FreeStart, { durationMinutes, optionalIds, quorum }: SlotsAsked) {
  const isAll = optionalIds.length === 0 && quorum === undefined
  return { ...spanView({ start, end: plus(start, durationMinutes * MINUTE_MS) }), ...(!isAll && { attending }) }
}

async function entriesFor(
  deps: ApiDeps,
  actor: Actor,
  asked: { userIds: string[]; roomIds: string[] },
  window: Interval,
) {
  const refused = windowRefusal(window, asked.userIds.length + asked.roomIds.length)
  if (refused !== undefined) return err(hiddenOr(actor, asked, refused))
  return overlayOf(deps.pool, actor, asked, window, deps.now())
}

/** What may not be known of comes before what is wrong with the question. */
function hiddenOr(actor: Actor, asked: { userIds: string[]; roomIds: string[] }, refused: Refusal): Refusal {
  return maySee(actor, asked) ? refused : refuse('not_found')
}

function pageAfter<Item>(items: readonly Item[], isNext: (item: Item) => boolean, limit: number): Item[] {
  const first = items.findIndex(isNext)
  return first === -1 ? [] : items.slice(first, first + limit)
}

function isAfter({ start, id }: Entry, after: readonly [start: number, id: string]): boolean {
  return start > after[0] || (start === after[0] && id > after[1])
}

function asWindow({ from, to }: { from: Instant; to: Instant }): Interval {
  return { start: from, end: to }
}

function windowView({ start, end }: Interval) {
  return { from: formatInstant(start), to: formatInstant(end) }
}
