import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Balancer } from '../app/nodes/balancer.ts'
import { eventually } from '../testkit/eventually.ts'
import { NO_BROWSER } from '../testkit/browser.ts'
import { PagesRig, wallClock } from '../testkit/pages-rig.ts'
import type { ScreenPart } from '../testkit/screen-part.ts'
import {
  type Dashboard,
  type Panel,
  type Writer,
  notesOf,
  openDashboard,
  openPanel,
  openPhone,
  openWriter,
} from '../testkit/screens.ts'

/** What every screen promises: right within a second of the commit. */
const PROMISED_MS = 1_000
/** And of the death of a node. */
const RECOVERED_MS = 5_000
const BEN = 'ben@example.org'
const RACERS = 20

let rig: PagesRig | undefined
/** The first leads to realtime-1, the second to realtime-2. */
let doors: (Balancer & { url: string })[]
let benId: string
let racers: { name: string; token: string }[]
let meetingId: string

/** Beside Ash, on realtime-1. */
let panelA: Panel
/** Beside Birch, on realtime-2. */
let panelB: Panel
/** The floor in a hand, on realtime-2. */
let phone: ScreenPart
/** On realtime-1. */
let dashboard: Dashboard
/** In one document: Olga's on realtime-1, Ben's on realtime-2. */
let olga: Writer
let ben: Writer

beforeAll(async () => {
  rig = await PagesRig.open(['Ash', 'Birch', 'Cedar'], { api: 2, realtime: 2, worker: 1 })
  if (rig === undefined) return
  doors = [await rig.door('realtime-1'), await rig.door('realtime-2')]
  benId = (await rig.member(BEN, 'Ben', 'Baker')).id
  racers = await Promise.all(Array.from({ length: RACERS }, (_, i) => racer(i)))
})

afterAll(() => rig?.[Symbol.asyncDispose]())

beforeEach((task) => {
  if (rig === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(rig?.complaints ?? []).toEqual([]))

// Six screens live through a day: each test begins where the one before ended.
describe('a day in an office on two nodes', () => {
  test('begins with two panels that are paired, a phone and a dashboard, and every room is free', async () => {
    ;[panelA, panelB, phone, dashboard] = await Promise.all([
      openPanel(rigged(), url(0), { name: 'panel A', room: 'Ash', viewport: { width: 1280, height: 800 } }),
      openPanel(rigged(), url(1), { name: 'panel B', room: 'Birch', viewport: { width: 800, height: 1280 } }),
      openPhone(rigged(), url(1)),
      openDashboard(rigged(), url(0)),
    ])
    await Promise.all([
      panelA.state.since('Free'),
      panelB.state.since('Free'),
      phone.since('Ash | Free today'),
      dashboard.figures.since('Free now | 3 of 3'),
      dashboard.tiles.since('Cedar | Free'),
    ])
  })

  test('a meeting that is booked stands on its panel, the phone and the dashboard, and on no other panel', async () => {
    const people = { participants: [{ userId: benId }] }
    const { id, end } = await rigged().book('Ash', -1, 44, { title: 'Design review', ...people })
    const answered = Date.now()
    meetingId = id
    await right('booked', answered, PROMISED_MS, [
      [panelA.state, `Reserved | until ${end} | Design review · Olga Owner`],
      [phone, `Ash | In use until ${end}`],
      [dashboard.figures, 'Booked now | 1 of 3'],
      [dashboard.tiles, `Ash | Reserved until ${end}`],
    ])
    expect(await panelB.state.said(answered)).toEqual([])
  })

  test('20 people race for a room: one wins, 19 hear why, and its panel shows that one and never another', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000
    const span = { startTime: iso(minute + 60 * 60_000), endTime: iso(minute + 90 * 60_000) }
    const answers = await Promise.all(racers.map(({ token }, i) => enter(token, `Racer ${i}`, span, i)))
    const won = answers.flatMap(({ status, at }, i) => (status === 201 ? [{ i, at }] : []))
    expect(won).toHaveLength(1)
    for (const { status, body } of answers.filter(({ status }) => status !== 201)) {
      expect(status).toBe(409)
      expect(body).toMatchObject({
        code: 'slot_conflict',
        conflicts: [{ resourceId: rigged().rooms.get('Birch'), kind: 'booking' }],
      })
    }
    const { i = 0, at = 0 } = won[0] ?? {}
    const [start, end] = [wallClock(minute + 60 * 60_000), wallClock(minute + 90 * 60_000)]
    await right('won', at, PROMISED_MS, [
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
    const at = await press(panelA.page, 'Check in', '/checkin')
    await right('checked in', at, PROMISED_MS, [
      [panelA.state, 'In use | until'],
      [dashboard.figures, 'Occupied now | 1 of 3'],
      [dashboard.tiles, 'Ash | In use until'],
    ])
    expect(await panelB.state.said(at)).toEqual([])
  })

  test('a walk-up on the other panel appears on the phone', async () => {
    const at = await press(panelB.page, '30 min', '/walkup')
    await panelB.state.since('In use | until')
    const [, end] = /until (\d\d:\d\d)/.exec(await panelB.state.now()) ?? []
    await right('walked up', at, PROMISED_MS, [
      [panelB.state, `In use | until ${end}`],
      [phone, `Birch | In use until ${end}`],
      [dashboard.figures, 'Occupied now | 2 of 3'],
      [dashboard.tiles, `Birch | In use until ${end}`],
    ])
  })

  test('two people write in its notes at once, on two nodes, and see each other', async () => {
    ;[olga, ben] = await Promise.all([
      openWriter(rigged(), `${url(0)}/meeting#${meetingId}`, 'Olga'),
      openWriter(rigged(), `${url(1)}/meeting#${meetingId}`, 'Ben', BEN),
    ])
    expect(await joinedNodes()).toEqual(['realtime-1', 'realtime-2'])
    await Promise.all([isHere(olga.page, 'Ben Baker'), isHere(ben.page, 'Olga Owner')])
    await notesOf(olga.page).click()
    await olga.page.keyboard.type('Plan')
    await ben.notes.since('Plan')
    await notesOf(ben.page).click()
    await ben.page.keyboard.press('Control+End')
    // Ben's caret coming into her page may take her own back to where it was.
    await eventually(async () => {
      await olga.page.keyboard.press('Control+Home')
      return (await isCaretFirst(ben.page)) ? undefined : 'the caret of Olga is not at the start'
    })
    await Promise.all([
      olga.page.keyboard.type('Numbers: ', { delay: 40 }),
      ben.page.keyboard.type(', then names', { delay: 40 }),
    ])
    await right('typed by Olga', await olga.notes.since('Numbers: Plan'), PROMISED_MS, [[ben.notes, 'Numbers: Plan']])
    await right('typed by Ben', await ben.notes.since('Plan, then names'), PROMISED_MS, [
      [olga.notes, 'Plan, then names'],
    ])
    expect(await olga.notes.now()).toBe('Numbers: Plan, then names')
    await notesOf(olga.page).locator('.cursor-name', { hasText: 'Ben Baker' }).waitFor()
    await notesOf(ben.page).locator('.cursor-name', { hasText: 'Olga Owner' }).waitFor()
  })

  test('a title changed through REST stands on both pages and on the panel', async () => {
    const { version } = await rigged().rest('GET', `/meetings/${meetingId}`)
    await rigged().rest('PUT', `/meetings/${meetingId}`, { title: 'Budget review', version })
    await right('renamed', Date.now(), PROMISED_MS, [
      [olga.title, 'Budget review'],
      [ben.title, 'Budget review'],
      [panelA.state, 'Budget review · Olga Owner'],
    ])
  })

  test('a node is killed: within seconds every screen has what happened since, and none was wrong in between', async () => {
    // Socket, subscription and document: all of them are on the node that dies.
    expect(doors[0]?.socketsOf('realtime-1')).toBeGreaterThanOrEqual(3)
    const [, before = ''] = /Bookings today \| (\d+)/.exec(await dashboard.figures.now()) ?? []
    const killed = Date.now()
    await rigged().network.node('realtime-1').kill()
    const { start, end } = await rigged().book('Ash', 60, 90, { title: 'Retrospective' })
    const answered = Date.now()
    await Promise.all([olga.page.keyboard.type('All '), ben.page.keyboard.type('!')])
    await right('booked, on the node that lives', answered, PROMISED_MS, [[phone, `Reserved ${start}–${end} next`]])
    await right('booked, on the node that died', killed, RECOVERED_MS, [
      [panelA.next, `Next ${start}–${end} · Retrospective · Olga Owner`],
      [panelA.hours, `, ${start}–${end}.`],
      [dashboard.figures, `Bookings today | ${Number(before) + 1}`],
    ])
    await right('typed meanwhile', killed, RECOVERED_MS, [
      [olga.notes, 'Numbers: All Plan, then names!'],
      [ben.notes, 'Numbers: All Plan, then names!'],
    ])
    await dashboard.page.getByRole('status').getByText('Live', { exact: true }).waitFor()
    await olga.page.getByText('Saved', { exact: true }).waitFor()
    await expect.poll(() => panelA.badge.now()).toBe('')

    // Each part went from what was true to what is true, in one step or in none; only the title is read a moment after.
    for (const text of await panelA.next.said(killed)) {
      expect([`Next ${start}–${end} · Reserved`, await panelA.next.now()]).toContain(text)
    }
    for (const part of [panelA.hours, phone, dashboard.figures]) {
      expect(await part.said(killed), part.name).toEqual([await part.now()])
    }
    const untouched = [panelA.state, panelB.state, panelB.next, panelB.hours, dashboard.tiles, olga.title, ben.title]
    for (const part of untouched) expect(await part.said(killed), part.name).toEqual([])
    for (const text of await panelA.state.said(killed)) {
      expect(text).toMatch(/^In use \| until \d\d:\d\d \| Budget review · Olga Owner$/)
    }
    for (const { name, said } of await badges(killed)) {
      expect(said, name).toMatch(/^(No connection: as of \d\d:\d\d)?$/)
    }
    for (const text of [...(await olga.notes.said(killed)), ...(await ben.notes.said(killed))]) {
      expect(text).toMatch(/^Numbers: A?l?l? ?Plan, then names!?$/)
    }
  })
})

/** Waits until every part is right, says how long after `since` (epoch ms) each was, and holds them to the promise. */
async function right(what: string, since: number, promisedMs: number, expected: [ScreenPart, string][]): Promise<void> {
  const took = await Promise.all(
    expected.map(async ([part, text]) => ({ name: part.name, ms: Math.max(0, (await part.since(text)) - since) })),
  )
  console.log(`${what}: ${took.map(({ name, ms }) => `${name} ${ms} ms`).join(', ')}`)
  for (const { name, ms } of took) expect(ms, `${what}: ${name}`).toBeLessThan(promisedMs)
}

async function isHere(page: Page, name: string): Promise<void> {
  await page.getByRole('list', { name: 'Here now' }).filter({ hasText: name }).waitFor()
}

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
  const { token } = await rigged().member(`racer-${i}@example.org`, 'Rae', lastName)
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
  const nodes = rigged().network.of('api')
  const answer = await fetch(`${nodes[turn % nodes.length]?.url}/meetings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ title, ...span, timezone: 'UTC', roomIds: [rigged().rooms.get('Birch')] }),
  })
  return { at: Date.now(), status: answer.status, body: await answer.json() }
}

async function badges(after: number): Promise<{ name: string; said: string }[]> {
  const parts = [panelA.badge, panelB.badge]
  const said = await Promise.all(parts.map((part) => part.said(after)))
  return parts.flatMap(({ name }, i) => (said[i] ?? []).map((text) => ({ name, said: text })))
}

/** The realtime nodes that have a document open. */
async function joinedNodes(): Promise<string[]> {
  const nodes = rigged().network.of('realtime')
  const logs = await Promise.all(nodes.map((node) => node.log()))
  return nodes.filter((_, i) => logs[i]?.includes('"doc.joined"')).map(({ id }) => id)
}

function url(door: 0 | 1): string {
  return doors[door]?.url ?? ''
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function rigged(): PagesRig {
  if (rig === undefined) throw new Error(NO_BROWSER)
  return rig
}

/** Whether the caret of the other one stands before everything in the notes, as this page shows it. */
function isCaretFirst(page: Page): Promise<boolean> {
  return notesOf(page)
    .locator('.cursor')
    .evaluateAll((cursors) => cursors.some((cursor) => (cursor.previousSibling?.textContent ?? '') === ''))
}
