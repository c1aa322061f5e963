import { expect } from 'vitest'
import { type BookingOffice, expectStatus } from '../booking-office.ts'
import { idOf, iso } from './clock.ts'
import { type Happening, type Series, TEXTS, happeningWalls, happenings, ruledSpan } from './model.ts'

/** The rows themselves: what takes place, what is claimed for it, and that no room is claimed twice. */
export async function compareRows(office: BookingOffice, world: readonly Series[], say: string): Promise<void> {
  const ids = world.map((series) => series.id)
  const at = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`
  const rows = (await office.query(
    `SELECT o.meeting_id AS id, o.recurrence_id AS rid, ${at('o.starts_at')} AS start, ${at('o.ends_at')} AS "end", o.status,
            (SELECT coalesce(array_agg(a.resource_id::text ORDER BY a.resource_id), '{}') FROM allocation a
             WHERE a.meeting_id = o.meeting_id AND a.recurrence_id = o.recurrence_id
               AND a.starts_at = o.starts_at AND a.ends_at = o.ends_at) AS claims
     FROM occurrence o WHERE o.meeting_id = ANY ($1) AND o.status NOT IN ('cancelled', 'conflicted')`,
    [ids],
  )) as never as (Pick<Happening, 'start' | 'end' | 'status' | 'claims'> & { id: string; rid: string })[]
  const line = (id: string, rid: string, { start, end, status }: Pick<Happening, 'start' | 'end' | 'status'>) =>
    `${id} ${rid} ${iso(start)} ${iso(end)} ${status}`
  const stored = rows.map((row) => `${line(row.id, row.rid, row)} ${row.claims.toSorted().join()}`)
  const due = world.flatMap((series) =>
    happenings(series).map((one) => `${line(series.id, one.recurrenceId, one)} ${one.claims.join()}`),
  )
  expect(stored.toSorted(), say).toEqual(due.toSorted())
  const [claimed] = await office.query(
    `SELECT count(*)::integer AS count FROM allocation WHERE meeting_id = ANY ($1)`,
    [ids],
  )
  expect(claimed, say).toEqual({ count: rows.reduce((sum, row) => sum + row.claims.length, 0) })
  const overlaps = await office.query(
    `SELECT 1 FROM allocation a JOIN allocation b ON a.resource_id = b.resource_id AND a.id < b.id AND a.exclusive
       AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at WHERE a.meeting_id = ANY ($1)`,
    [ids],
  )
  expect(overlaps).toEqual([])
}

/** What a client sees of it. */
export async function compareAnswers(office: BookingOffice, series: Series, say: string): Promise<void> {
  const path = `/meetings/${series.id}/occurrences?from=2026-01-01T00:00:00Z&to=2045-01-01T00:00:00Z&limit=500`
  const { items } = expectStatus(await office.get(path), 200).body
  const shown = items.map((item: Record<string, never>) => ({
    ...textsShown(item),
    recurrenceId: item['recurrenceId'],
    allDay: item['allDay'],
    start: Date.parse(item['startTime'] as never),
    end: Date.parse(item['endTime'] as never),
  }))
  const due = happenings(series).map(({ claims: _, ...one }) => one)
  expect(byId(shown), say).toEqual(byId(due))
  const { body } = expectStatus(await office.get(`/meetings/${series.id}`), 200)
  const people = series.people.map((one) => ({ ...one, response: series.answers.get(one.who) ?? 'needs_action' }))
  const texts = Object.fromEntries(TEXTS.map((name) => [name, series[name]]))
  expect(textsShown(body), say).toEqual({ ...texts, status: series.isCancelled ? 'cancelled' : series.status, people })
  const { start, end } = ruledSpan(series, series.rule === null ? series.only : series.start)
  const times = [iso(start), iso(end)].map((text) => text.replace('.000', ''))
  expect([body.startTime, body.endTime, body.timezone, body.allDay, body.isRecurring], say).toEqual([
    ...times,
    series.zone,
    series.allDay,
    series.rule !== null,
  ])
}

function textsShown(item: Record<string, never>) {
  const { title, description, visibility, status, roomIds: rooms } = item
  const people = (
    item['participants'] as never as { userId?: string; email?: string; role: string; response: string }[]
  )
    .map(({ userId, email, role, response }) => ({ who: userId ?? (email as string), role, response }))
    .toSorted((a, b) => (a.who < b.who ? -1 : 1))
  return { title, description, visibility, status, rooms, people }
}

function byId(list: { recurrenceId: string }[]) {
  return list.toSorted((a, b) => (a.recurrenceId < b.recurrenceId ? -1 : 1))
}

/** For who looks for the edit that went wrong. */
export function describeSeries(series: Series): string {
  const own = [...series.own].map(([wall, one]) => `${idOf(wall)} ${JSON.stringify(one)}`)
  const { own: _, answers, ...rest } = series
  return JSON.stringify({
    ...rest,
    start: idOf(series.start),
    answers: [...answers],
    own,
    live: happeningWalls(series).map(idOf),
  })
}
