import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_BROWSER } from '../testkit/browser.ts'
import { type OfficeScreens, openOfficeScreens } from '../testkit/office-screens.ts'
import { wallClock } from '../testkit/pages-rig.ts'
import { rightWithin } from '../testkit/right-within.ts'

/** What every screen promises: right within a second of the commit. */
const right = rightWithin.bind(undefined, 1_000)
const RACERS = 20

let screens: OfficeScreens | undefined
let racers: { name: string; token: string }[]

beforeAll(async () => {
  screens = await openOfficeScreens()
  if (screens === undefined) return
  racers = await Promise.all(Array.from({ length: RACERS }, (_, i) => racer(i)))
})

afterAll(() => screens?.[Symbol.asyncDispose]())

beforeEach((task) => {
  if (screens === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(screens?.rig.complaints ?? []).toEqual([]))

// Four screens live through a day: each test begins where the one before ended.
describe('a day in an office on two nodes', () => {
  test('begins with two panels that are paired, a phone and a dashboard, and every room is free', async () => {
    const { panelA, panelB, phone, dashboard } = office()
    await Promise.all([
      panelA.state.since('Free'),
      panelB.state.since('Free'),
      phone.since('Ash | Free today'),
      dashboard.figures.since('Free now | 3 of 3'),
      dashboard.tiles.since('Cedar | Free'),
    ])
  })

  test('a meeting that is booked stands on its panel, the phone and the dashboard, and on no other panel', async () => {
    const { rig, panelA, panelB, phone, dashboard } = office()
    const { end } = await rig.book('Ash', -1, 44, { title: 'Design review' })
    const answered = Date.now()
    await right('booked', answered, [
      [panelA.state, `Reserved | until ${end} | Design review · Olga Owner`],
      [phone, `Ash | In use until ${end}`],
      [dashboard.figures, 'Booked now | 1 of 3'],
      [dashboard.tiles, `Ash | Reserved until ${end}`],
    ])
    expect(await panelB.state.said(answered)).toEqual([])
  })

  test('20 people race for a room: one wins, 19 hear why, and its panel shows that one and never another', async () => {
    const { rig, panelB, phone, dashboard } = office()
    const minute = Math.floor(Date.now() / 60_000) * 60_000
    const span = { startTime: iso(minute + 60 * 60_000), endTime: iso(minute + 90 * 60_000) }
    const answers = await Promise.all(racers.map(({ token }, i) => enter(token, `Racer ${i}`, span, i)))
    const won = answers.flatMap(({ status, at }, i) => (status === 201 ? [{ i, at }] : []))
    expect(won).toHaveLength(1)
    for (const { status, body } of answers.filter(({ status }) => status !== 201)) {
      expect(status).toBe(409)
      expect(body).toMatchObject({
        code: 'slot_conflict',
        conflicts: [{ resourceId: rig.rooms.get('Birch'), kind: 'booking' }],
      })
    }
    const { i = 0, at = 0 } = won[0] ?? {}
    const [start, end] = [wallClock(minute + 60 * 60_000), wallClock(minute + 90 * 60_000)]
    await right('won', at, [
      [panelB.next, `Next ${start}–${end} · Racer ${i} · ${racers[i]?.name}`],
      [panelB.hours, `Reserved in the next hours: ${start}–${end}.`],
      [phone, `Birch | Free until ${start}`],
      [dashboard.figures, 'Bookings today | 2'],
      [dashboard.tiles, `Birch | Free until ${start}`],
    ])
    const racersSeen = (await panelB.next.said()).flatMap((text) => text.match(/Racer \d+/) ?? [])
    expect(new Set(racersSeen)).toEqual(new Set([`Racer ${i}`]))
  })

  test('a check-in on one panel moves the figures of the dashboard, and nothing on the other', async () => {
    const { panelA, panelB, dashboard } = office()
    const at = await press(panelA.page, 'Check in', '/checkin')
    await right('checked in', at, [
      [panelA.state, 'In use | until'],
      [dashboard.figures, 'Occupied now | 1 of 3'],
      [dashboard.tiles, 'Ash | In use until'],
    ])
    expect(await panelB.state.said(at)).toEqual([])
  })

  test('a walk-up on the other panel appears on the phone', async () => {
    const { panelB, phone, dashboard } = office()
    const at = await press(panelB.page, '30 min', '/walkup')
    await panelB.state.since('In use | until')
    const [, end] = /until (\d\d:\d\d)/.exec(await panelB.state.now()) ?? []
    await right('walked up', at, [
      [panelB.state, `In use | until ${end}`],
      [phone, `Birch | In use until ${end}`],
      [dashboard.figures, 'Occupied now | 2 of 3'],
      [dashboard.tiles, `Birch | In use until ${end}`],
    ])
  })
})

/** Presses it with a finger; when that was answered (epoch ms), as the page's own browser saw it. */
async function press(page: Page, button: string, path: string): Promise<number> {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith(path)),
    page.getByRole('button', { name: button }).tap(),
  ])
  await answer.finished()
  expect(answer.ok()).toBe(true)
  const { startTime, responseStart } = answer.request().timing()
  return Math.floor(startTime + responseStart)
}

async function racer(i: number): Promise<{ name: string; token: string }> {
  const lastName = `Runner${i}`
  const { token } = await office().rig.member(`racer-${i}@example.org`, 'Rae', lastName)
  return { name: `Rae ${lastName}`, token }
}

interface Entered {
  status: number
  body: unknown
  /** When it was answered, epoch ms. */
  at: number
}

/** By turns at one api node and the other. */
async function enter(
  token: string,
  title: string,
  span: { startTime: string; endTime: string },
  turn: number,
): Promise<Entered> {
  const { rig } = office()
  const nodes = rig.network.of('api')
  const answer = await fetch(`${nodes[turn % nodes.length]?.url}/meetings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ title, ...span, timezone: 'UTC', roomIds: [rig.rooms.get('Birch')] }),
  })
  return { at: Date.now(), status: answer.status, body: await answer.json() }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function office(): OfficeScreens {
  if (screens === undefined) throw new Error(NO_BROWSER)
  return screens
}
