import { expect } from 'vitest'
import type { Answer } from '../api.ts'
import { type BookingOffice, type Person, expectStatus } from '../booking-office.ts'
import { type Cast, changeSaid, invitee, oneSaid } from './bodies.ts'
import { idOf, instantOf } from './clock.ts'
import type { Edit } from './edits-arbitrary.ts'
import { type Invited, type Series, doRoomsClash, instances } from './model.ts'
import { answered, changeOne, withMark } from './one.ts'
import { wallsFrom } from './rules.ts'
import { type Changed, changeAll, cutBefore, isWhole, restFrom } from './scopes.ts'

export interface Desk extends Cast {
  office: BookingOffice
  /** Those of `people` who can answer. */
  users: Person[]
}

/** What the contract says to an edit: the world after it, or why there is none. */
type Verdict = { world: Series[]; status?: 200 | 201; dropped?: number[] } | 403 | 404 | 409 | 422

/** Does it over HTTP and in the model; answers the same world when it has to be refused. */
export async function apply(desk: Desk, world: Series[], edit: Edit): Promise<Series[]> {
  const series = world[edit.series % world.length] as Series
  const walls = addressed(series)
  const place = walls[edit.instance % walls.length] as Place
  switch (edit.kind) {
    case 'drop':
    case 'drop this':
    case 'drop following':
      return drop(desk, world, series, place, edit)
    case 'restore':
    case 'restore one':
      return restore(desk, world, series, place, edit)
    case 'answer':
    case 'answer one':
      return answer(desk, world, series, place, edit)
    case 'invite':
    case 'invite one':
      return invite(desk, world, series, place, edit)
    case 'this':
    case 'following':
    case 'all':
      return change(desk, world, series, place, edit)
    default:
      return edit.kind satisfies never
  }
}

interface Place {
  wall: number
  /** `gone`: cancelled by itself. `lost`: where the rule would go on if the series had not ended. */
  is: 'live' | 'gone' | 'lost'
}

/** What can be addressed: what there is up to some beyond the horizon, what is cancelled whether it is given or not, and one too far. */
function addressed(series: Series): Place[] {
  const given = instances(series)
  const near = given.filter((wall, i) => instantOf(given[Math.max(0, i - 2)] as number, series.zone) < series.horizon)
  const marked = [...series.own].filter(([, { isCancelled }]) => isCancelled === true).map(([wall]) => wall)
  const gone = new Set(marked)
  const all = [...new Set([...near, ...marked])].toSorted((a, b) => a - b)
  const places = all.map((wall): Place => ({ wall, is: gone.has(wall) ? 'gone' : 'live' }))
  const last = Math.max(...given)
  const beyond = series.rule && wallsFrom(series.rule, series.start).find((wall) => wall > last && !gone.has(wall))
  if (beyond === null || beyond === undefined || series.exdates.includes(beyond)) return places
  return [...places, { wall: beyond, is: 'lost' }]
}

async function change(desk: Desk, world: Series[], series: Series, place: Place, edit: Edit): Promise<Series[]> {
  const { wall, is } = place
  const isOnly = series.rule === null && is === 'live'
  const scope = isOnly || edit.kind === 'all' ? 'all' : series.rule === null ? 'this' : edit.kind
  const query = edit.kind === 'all' ? '' : `?scope=${edit.kind}&recurrenceId=${idOf(wall)}`
  const send = (body: object) => call(desk, 'PATCH', `${series.id}${query}`, body)
  const isEarly = scope === 'following' && is === 'live' && isWhole(series, wall)
  const put = (after: Series) => ({ world: replaced(world, series, after) })
  if (is === 'lost' && scope !== 'all') return judged(await send({ title: 'lost' }), world, 404)
  if (scope === 'this') {
    const { body, model } = oneSaid(series, wall, edit, desk)
    const after = changeOne(series, wall, model)
    return judged(await send(body), world, after === undefined ? 422 : isOver(series, is) ? 409 : put(after))
  }
  if (scope === 'all' && edit.what === 'as read') {
    return judged(await send(await asRead(desk, series)), world, series.isCancelled ? 409 : put(series))
  }
  if (scope === 'all' || wall === series.start || isEarly) {
    const from = scope === 'all' ? series.start : wall
    const { body, model } = changeSaid(series, from, edit, desk)
    const after = changeAll(series, model, { anchor: from })
    return judged(
      await send(body),
      world,
      verdictOf(after, series.isCancelled, (one) => put(one)),
    )
  }
  const { body, model } = changeSaid(series, wall, edit, desk)
  const answer = await send(body)
  const rest = restFrom(series, wall, model)
  const verdict = verdictOf(rest, isOver(series, is), (one) => {
    expect(answer.body.splitFrom ?? idOf(wall)).toEqual(
      answer.status === 201 ? { meetingId: series.id, recurrenceId: idOf(wall) } : idOf(wall),
    )
    const head = replaced(world, series, cutBefore(series, wall, true))
    return { world: [...head, { ...one, id: answer.body.id }], status: 201 }
  })
  return judged(answer, world, verdict)
}

function verdictOf(
  after: Changed | undefined,
  isOver: boolean,
  done: (after: Series) => { world: Series[]; status?: 201 },
): Verdict {
  if (after === undefined) return 422
  return isOver ? 409 : { ...done(after.series), dropped: after.dropped }
}

function isOver(series: Series, is: Place['is']): boolean {
  return series.isCancelled || is === 'gone'
}

/** Everything that can be written, as it was read. */
async function asRead({ office }: Desk, { id }: Series): Promise<object> {
  const { body } = await office.get(`/meetings/${id}`)
  const { title, description, startTime, endTime, timezone, allDay, recurrencePattern, roomIds, visibility } = body
  const participants = body.participants.map(({ response: _, ...invited }: { response: string }) => invited)
  const read = { title, description, startTime, endTime, timezone, allDay, recurrencePattern, roomIds, visibility }
  return { ...read, participants, ...(body.status !== 'cancelled' && { status: body.status }) }
}

/** Again is 204, also where the series has ended already. */
async function drop(desk: Desk, world: Series[], series: Series, { wall, is }: Place, edit: Edit): Promise<Series[]> {
  const scope = edit.kind.slice('drop '.length)
  const query = scope === '' ? '' : `?scope=${scope}&recurrenceId=${idOf(wall)}`
  const answer = await desk.office.api.call('DELETE', `/meetings/${series.id}${query}`, { token: desk.office.token })
  const isLost = scope === 'this' && is === 'lost'
  expectStatus(answer, isLost ? 404 : 204)
  if (isLost || series.isCancelled) return world
  const put = (after: Series) => replaced(world, series, after)
  if (scope === '' || (series.rule === null && is === 'live')) return put({ ...series, isCancelled: true })
  if (scope === 'this' || series.rule === null) return is === 'gone' ? world : put(withMark(series, wall, true))
  if (is === 'lost') return world
  return put(isWhole(series, wall) ? { ...series, isCancelled: true } : cutBefore(series, wall, false))
}

async function restore(
  desk: Desk,
  world: Series[],
  series: Series,
  { wall, is }: Place,
  edit: Edit,
): Promise<Series[]> {
  const isOne = edit.kind === 'restore one'
  const answer = await call(desk, 'POST', `${series.id}/restore`, isOne ? { recurrenceId: idOf(wall) } : {})
  if (!isOne) {
    const back = { world: replaced(world, series, { ...series, isCancelled: false }) }
    return judged(answer, world, series.isCancelled ? back : 409)
  }
  // What has no row was never cancelled, and the restoring looks at rows only.
  const hasRow =
    is === 'gone' || (is === 'live' && (instantOf(wall, series.zone) < series.horizon || series.own.has(wall)))
  if (!hasRow) return judged(answer, world, 404)
  const isGiven = series.rule !== null && instances(series).includes(wall)
  const isRight = is === 'gone' && isGiven && !series.isCancelled
  return judged(answer, world, isRight ? { world: replaced(world, series, withMark(series, wall, false)) } : 409)
}

async function answer(desk: Desk, world: Series[], series: Series, { wall, is }: Place, edit: Edit): Promise<Series[]> {
  const isOne = edit.kind === 'answer one'
  const { id: who, token } = desk.users[edit.who % desk.users.length] as Person
  const body = { response: edit.response, ...(isOne && { recurrenceId: idOf(wall) }) }
  const given = await desk.office.api.call('POST', `/meetings/${series.id}/rsvp`, { token, body })
  const isNamed =
    series.answers.has(who) || [series, ...series.own.values()].some(({ people = [] }) => isAmong(people, who))
  if (!isNamed) {
    expect([403, 404]).toContain(given.status)
    return world
  }
  if (isOne && is === 'lost') return judged(given, world, 404)
  const at = isOne && !(series.rule === null && is === 'live') ? wall : undefined
  const after = answered(series, who, edit.response, at)
  if (after === 'forbidden') return judged(given, world, 403)
  const isRefused = series.isCancelled || (at !== undefined && is === 'gone')
  return judged(given, world, isRefused ? 409 : { world: replaced(world, series, after) })
}

/** One more, or another role for who is there. */
async function invite(desk: Desk, world: Series[], series: Series, { wall, is }: Place, edit: Edit): Promise<Series[]> {
  const isOne = edit.kind === 'invite one' && !(series.rule === null && is === 'live')
  const one: Invited = { who: desk.people[edit.who % desk.people.length] as string, role: 'optional' }
  const body = { ...invitee(one), ...(edit.kind === 'invite one' && { recurrenceId: idOf(wall) }) }
  const given = await call(desk, 'POST', `${series.id}/participants`, body)
  if (edit.kind === 'invite one' && is === 'lost') return judged(given, world, 404)
  const standing = (isOne ? series.own.get(wall)?.people : undefined) ?? series.people
  const people = [...standing.filter(({ who }) => who !== one.who), one].toSorted((a, b) => (a.who < b.who ? -1 : 1))
  const after = isOne ? changeOne(series, wall, { people }) : changeAll(series, { people })?.series
  const isRefused = isOne ? isOver(series, is) : series.isCancelled
  return judged(given, world, isRefused ? 409 : { world: replaced(world, series, after as Series), status: 201 })
}

function isAmong(people: readonly Invited[], who: string): boolean {
  return people.some((one) => one.who === who)
}

function call({ office }: Desk, method: string, path: string, body: object): Promise<Answer> {
  return office.api.call(method, `/meetings/${path}`, { token: office.token, body })
}

function replaced(world: readonly Series[], series: Series, after: Series): Series[] {
  return world.map((one) => (one === series ? after : one))
}

/** Refused for what the contract says, or because two would want one room at one time; else done. */
function judged(answer: Answer, world: Series[], verdict: Verdict): Series[] {
  if (typeof verdict === 'number') {
    expectStatus(answer, verdict)
    return world
  }
  if (doRoomsClash(verdict.world)) {
    expectStatus(answer, 409)
    return world
  }
  expectStatus(answer, verdict.status ?? 200)
  const named = (answer.body.warnings ?? []).filter((text: string) => text.endsWith('is dropped.'))
  const ids = (verdict.dropped ?? []).map(idOf).toSorted()
  expect(named.map((text: string) => /\d{8}T\d{6}/.exec(text)?.[0]).toSorted()).toEqual(ids)
  return verdict.world
}
