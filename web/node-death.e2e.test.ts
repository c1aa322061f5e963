import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_BROWSER } from '../testkit/browser.ts'
import { eventually } from '../testkit/eventually.ts'
import { type OfficeScreens, openOfficeScreens } from '../testkit/office-screens.ts'
import { rightWithin } from '../testkit/right-within.ts'
import { type Writer, notesOf, openWriter } from '../testkit/screens.ts'

/** What every screen promises: right within a second of the commit. */
const right = rightWithin.bind(undefined, 1_000)
/** And of the death of a node. */
const recovered = rightWithin.bind(undefined, 5_000)
const BEN = 'ben@example.org'

let screens: OfficeScreens | undefined
/** In Ash, just now. */
let meetingId: string
/** In one document: Olga's on realtime-1, Ben's on realtime-2. */
let olga: Writer
let ben: Writer

beforeAll(async () => {
  screens = await openOfficeScreens()
  if (screens === undefined) return
  const { id: benId } = await screens.rig.member(BEN, 'Ben', 'Baker')
  const people = { participants: [{ userId: benId }] }
  ;({ id: meetingId } = await screens.rig.book('Ash', -1, 44, { title: 'Design review', ...people }))
  await screens.panelA.state.since('Design review')
})

afterAll(() => screens?.[Symbol.asyncDispose]())

beforeEach((task) => {
  if (screens === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(screens?.rig.complaints ?? []).toEqual([]))

// Six screens live through it: each test begins where the one before ended.
describe('two write in one document, and a node dies', () => {
  test('two people write in its notes at once, on two nodes, and see each other', async () => {
    const { rig, doors } = office()
    ;[olga, ben] = await Promise.all([
      openWriter(rig, `${doors[0].url}/meeting#${meetingId}`, 'Olga'),
      openWriter(rig, `${doors[1].url}/meeting#${meetingId}`, 'Ben', BEN),
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
    await right('typed by Olga', await olga.notes.since('Numbers: Plan'), [[ben.notes, 'Numbers: Plan']])
    await right('typed by Ben', await ben.notes.since('Plan, then names'), [[olga.notes, 'Plan, then names']])
    expect(await olga.notes.now()).toBe('Numbers: Plan, then names')
    await notesOf(olga.page).locator('.cursor-name', { hasText: 'Ben Baker' }).waitFor()
    await notesOf(ben.page).locator('.cursor-name', { hasText: 'Olga Owner' }).waitFor()
  })

  test('a title changed through REST stands on both pages and on the panel', async () => {
    const { rig, panelA } = office()
    const { version } = await rig.rest('GET', `/meetings/${meetingId}`)
    await rig.rest('PUT', `/meetings/${meetingId}`, { title: 'Budget review', version })
    await right('renamed', Date.now(), [
      [olga.title, 'Budget review'],
      [ben.title, 'Budget review'],
      [panelA.state, 'Budget review · Olga Owner'],
    ])
  })

  test('a node is killed: within seconds every screen has what happened since, and none was wrong in between', async () => {
    const { rig, doors, panelA, panelB, phone, dashboard } = office()
    // Socket, subscription and document: all of them are on the node that dies.
    expect(doors[0].socketsOf('realtime-1')).toBeGreaterThanOrEqual(3)
    const [, before = ''] = /Bookings today \| (\d+)/.exec(await dashboard.figures.now()) ?? []
    const killed = Date.now()
    await rig.network.node('realtime-1').kill()
    const { start, end } = await rig.book('Ash', 60, 90, { title: 'Retrospective' })
    const answered = Date.now()
    await Promise.all([olga.page.keyboard.type('All '), ben.page.keyboard.type('!')])
    await right('booked, on the node that lives', answered, [[phone, `Reserved ${start}–${end} next`]])
    await recovered('booked, on the node that died', killed, [
      [panelA.next, `Next ${start}–${end} · Retrospective · Olga Owner`],
      [panelA.hours, `, ${start}–${end}.`],
      [dashboard.figures, `Bookings today | ${Number(before) + 1}`],
    ])
    await recovered('typed meanwhile', killed, [
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
      expect(text).toMatch(/^Reserved \| until \d\d:\d\d \| Budget review · Olga Owner$/)
    }
    for (const { name, said } of await badges(killed)) {
      expect(said, name).toMatch(/^(No connection: as of \d\d:\d\d)?$/)
    }
    for (const text of [...(await olga.notes.said(killed)), ...(await ben.notes.said(killed))]) {
      expect(text).toMatch(/^Numbers: A?l?l? ?Plan, then names!?$/)
    }
  })
})

async function isHere(page: Page, name: string): Promise<void> {
  await page.getByRole('list', { name: 'Here now' }).filter({ hasText: name }).waitFor()
}

async function badges(after: number): Promise<{ name: string; said: string }[]> {
  const { panelA, panelB } = office()
  const parts = [panelA.badge, panelB.badge]
  const said = await Promise.all(parts.map((part) => part.said(after)))
  return parts.flatMap(({ name }, i) => (said[i] ?? []).map((text) => ({ name, said: text })))
}

/** The realtime nodes that have a document open. */
async function joinedNodes(): Promise<string[]> {
  const nodes = office().rig.network.of('realtime')
  const logs = await Promise.all(nodes.map((node) => node.log()))
  return nodes.filter((_, i) => logs[i]?.includes('"doc.joined"')).map(({ id }) => id)
}

function office(): OfficeScreens {
  if (screens === undefined) throw new Error(NO_BROWSER)
  return screens
}

/** Whether the caret of the other one stands before everything in the notes, as this page shows it. */
function isCaretFirst(page: Page): Promise<boolean> {
  return notesOf(page)
    .locator('.cursor')
    .evaluateAll((cursors) => cursors.some((cursor) => (cursor.previousSibling?.textContent ?? '') === ''))
}
