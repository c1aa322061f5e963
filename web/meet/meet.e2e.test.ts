import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_BROWSER } from '../../testkit/browser.ts'
import { MeetScreen } from '../../testkit/meet-page.ts'
import { FLAWS } from '../../testkit/page-flaws.ts'
import { PagesRig, request, wallClock } from '../../testkit/pages-rig.ts'

/** What the page promises: others see it within a second. */
const PROMISED = { timeout: 1_000 }
const DAY_MS = 86_400_000

let rig: PagesRig | undefined
/** Two people on two nodes. */
let olga: MeetScreen
let ben: MeetScreen
let bensToken: string

beforeAll(async () => {
  rig = await PagesRig.open(['Ash', 'Birch'], { api: 1, realtime: 2, worker: 1 })
  if (rig === undefined) return
  const { id, token } = await rig.member('ben@example.org', 'Ben', 'Baker')
  const { id: olgaId, timezone } = await rig.rest('GET', '/auth/profile')
  bensToken = token
  for (const userId of [id, olgaId as string]) await workAllWeek(rig, userId)
  await bookStandUp(token, { timezone, participants: [{ userId: olgaId }] })
  olga = await MeetScreen.open(rig, 'realtime-1')
  ben = await MeetScreen.open(rig, 'realtime-2', 'ben@example.org')
})

afterAll(() => rig?.[Symbol.asyncDispose]())

beforeEach((task) => {
  if (rig === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(rig?.complaints ?? []).toEqual([]))

// Two people live through one plan: each test begins where the one before ended.
describe('a time for two', () => {
  test('people and rooms are found by typing, and everybody’s day appears', async () => {
    for (const [screen, other] of [
      [olga, 'Ben Baker'],
      [ben, 'Olga Owner'],
    ] as const) {
      await screen.add('person', other)
      await screen.add('room', 'Ash')
      await screen.cell(other, '11:00', 'busy').waitFor()
      await screen.cell('Ash', '14:00', 'free').waitFor()
    }
    await olga.page
      .getByRole('button', { name: /^Hold .* \d\d:\d\d–\d\d:\d\d Ash$/ })
      .first()
      .waitFor()
    expect(await servedBy()).toEqual(['realtime-1', 'realtime-2'])
  })

  test('a block that is dragged says how everybody stands to it, and dropped it is a hold that the other sees', async () => {
    await olga.press(olga.cell('Ash', '12:00'))
    await olga.pull(olga.cell('Ash', '11:00'))
    await olga.verdict('Ben Baker').getByText('busy').waitFor(PROMISED)
    await olga.verdict('Ash').getByText('free').waitFor(PROMISED)
    await olga.pull(olga.cell('Ash', '14:00'))
    await olga.verdict('Ben Baker').getByText('free').waitFor(PROMISED)
    await olga.page.mouse.up()
    await ben.cell('Ash', '14:15', 'held by somebody').waitFor(PROMISED)
    await olga.hold.getByText(/14:00–14:30, held until .*Ash[.]$/).waitFor()
    // To its owner it is free.
    await olga.cell('Ash', '14:00', 'free').waitFor()
  })

  test('by keyboard nobody else gets that time, and is told why and what would work', async () => {
    await ben.cell('Ash', '14:00').focus()
    await ben.page.keyboard.press('Enter')
    await ben.verdict('Ash').getByText('held by somebody').waitFor(PROMISED)
    await ben.page
      .getByRole('status')
      .getByText(/^14:00 to 14:30: .*Ash held by somebody/)
      .waitFor()
    await ben.page.keyboard.press('Enter')
    await ben.hold.getByText('Ash is held by somebody else at that time.').waitFor()
    await ben.hold.getByRole('list', { name: 'What would work instead' }).getByText('Birch').first().waitFor()
    expect(await focused(ben)).toBe('Ash, 14:00: held by somebody')
  })

  test('a hold that is dragged on moves on the other screen, too', async () => {
    await olga.drag(olga.cell('Ash', '14:00'), olga.cell('Ash', '15:00'))
    await ben.cell('Ash', '15:00', 'held by somebody').waitFor(PROMISED)
    await ben.cell('Ash', '14:00', 'free').waitFor(PROMISED)
  })

  test('a hold gets the length that is chosen, outlives a reload with all that was said, and an outage', async () => {
    await olga.page.getByLabel('Length').selectOption('45')
    await olga.hold.getByText(/15:00–15:45, held until/).waitFor()
    await olga.page.getByRole('button', { name: 'Ben Baker: required' }).click()
    await olga.hold.getByLabel('Title').fill('Half a ti')
    await olga.page.reload()
    await olga.hold.getByText(/15:00–15:45, held until/).waitFor()
    expect(await olga.hold.getByLabel('Title').inputValue()).toBe('Half a ti')
    await olga.page.getByRole('button', { name: 'Ben Baker: optional' }).click()
    await olga.page.route('**/holds/*', (route) => route.abort())
    await olga.page.getByRole('button', { name: 'Give back' }).click()
    await olga.hold.getByText('The server cannot be reached at the moment.').waitFor()
    await olga.hold.getByText(/15:00–15:45, held until/).waitFor()
    await olga.page.unroute('**/holds/*')
    await olga.page.getByLabel('Length').selectOption('30')
    await olga.hold.getByText(/15:00–15:30, held until/).waitFor()
  })

  test('Escape puts a block back where it was', async () => {
    await olga.cell('Ash', '16:00').focus()
    await olga.page.keyboard.press('Enter')
    await olga.page.keyboard.press('Shift+ArrowLeft')
    await olga.page
      .getByRole('status')
      .getByText(/^15:00 to 15:30/)
      .waitFor()
    await olga.page.keyboard.press('Escape')
    await olga.hold.getByText(/15:00–15:30, held until/).waitFor()
  })

  test('a hold that is booked is a meeting: the other’s day is busy then', async () => {
    await olga.hold.getByLabel('Title').fill('Design review')
    await olga.page.keyboard.press('Enter')
    await ben.cell('Ash', '15:00', 'busy').waitFor(PROMISED)
    await ben.cell('Ben Baker', '15:15', '(?:perhaps )?busy').waitFor(PROMISED)
    await olga.page.getByRole('status').getByText('Booked: Design review.').waitFor()
    expect(await olga.page.evaluate(`document.activeElement.role`)).toBe('gridcell')
  })

  test('where any one of several rooms is enough, the one that is free is held', async () => {
    await olga.add('room', 'Birch')
    await olga.page.getByLabel('Any one of these is enough').check()
    await olga.cell('Birch', '15:00', 'free').press('Enter')
    await olga.verdict('Ash').getByText('busy').waitFor(PROMISED)
    await olga.page.keyboard.press('Enter')
    await olga.hold.getByText(/15:00–15:30, held until .*: Olga Owner, Ben Baker, Birch[.]$/).waitFor()
    await olga.cell('Ash', '16:00').press('Enter')
    await olga.page.keyboard.press('Enter')
    await olga.hold.getByText(/16:00–16:30, held until .*: Olga Owner, Ben Baker, Ash[.]$/).waitFor()
    await olga.page.getByRole('button', { name: 'Give back' }).click()
    await olga.hold.getByText(/^Drop the block/).waitFor()
    await olga.page.getByRole('button', { name: 'Remove Birch' }).press('Enter')
    expect(await focused(olga)).toBe('Remove Ash')
  })

  test('after its node is gone a page says how old it is, and then has what happened meanwhile', async () => {
    const says = olga.page.getByText(/^Reconnecting… as of \d\d:\d\d$/).waitFor()
    await Promise.all([says, rigged().network.node('realtime-1').kill()])
    await rigged().book('Birch', 24 * 60, 24 * 60 + 60)
    await olga.page.getByText('Live', { exact: true }).waitFor()
    await olga.page.getByText('served by realtime-2').waitFor()
    await olga.cell('Ash', '15:00', 'busy').waitFor()
  })
})

describe('one’s own calendar', () => {
  test('one occurrence is moved by keyboard alone, and the others stay', async () => {
    await Promise.all([olga.openCalendar(), ben.openCalendar()])
    await ben.entry('Stand-up, 11:00–11:30').focus()
    await ben.page.keyboard.press(' ')
    await ben.page.keyboard.press('ArrowDown')
    await ben.page.keyboard.press('ArrowDown')
    await ben.page
      .getByRole('status')
      .getByText(/^Moving Stand-up: .* 11:30–12:00[.]/)
      .waitFor()
    await ben.page.keyboard.press('Enter')
    const question = ben.page.getByRole('dialog', { name: 'What should be changed?' })
    await question.waitFor()
    await question.getByRole('button', { name: 'Only this one' }).press('Enter')
    await olga.entry(/^Stand-up, 11:30–12:00/).waitFor(PROMISED)
    await ben.entry('Stand-up, 11:30–12:00').waitFor()
    await expect.poll(() => focused(ben)).toBe('Stand-up, 11:30–12:00')
    await ben.page.getByRole('button', { name: 'Next day' }).click()
    await ben.entry('Stand-up, 11:00–11:30').waitFor()
    await ben.page.getByRole('button', { name: 'Previous day' }).click()
  })

  test('an answer for one occurrence reaches its organizer, with its history', async () => {
    await olga.entry(/^Stand-up, 11:30–12:00/).press('Enter')
    const sheet = olga.page.getByRole('dialog', { name: 'Stand-up' })
    await ben.entry('Stand-up, 11:30–12:00').press('Enter')
    await sheet.getByRole('button', { name: 'Perhaps' }).click()
    const other = ben.page.getByRole('dialog', { name: 'Stand-up' })
    await other.getByRole('listitem').filter({ hasText: 'Olga Owner may come' }).waitFor(PROMISED)
    await other.getByText(/Olga Owner said perhaps/).waitFor(PROMISED)
    await other.getByText(/Ben Baker moved it to .* 11:30/).waitFor()
    await ben.page.keyboard.press('Escape')
    await olga.page.keyboard.press('Escape')
    await expect.poll(() => focused(olga)).toBe('Stand-up, 11:30–12:00, you may come')
  })

  test('a meeting of whole days is reached by the arrow keys, opens, and gets another last day', async () => {
    const day = await ben.page.locator('[data-day]').getAttribute('data-day')
    await bookDay(bensToken, day ?? '')
    await ben.entry('Offsite, all day').waitFor(PROMISED)
    await ben.entry('Stand-up, 11:30–12:00').press('ArrowUp')
    expect(await focused(ben)).toBe('Offsite, all day')
    await ben.page.keyboard.press('Enter')
    const sheet = ben.page.getByRole('dialog', { name: 'Offsite' })
    await sheet.getByText(/^\w{3} \d+ \w{3}, all day$/).waitFor()
    await sheet.getByLabel('Last day').fill(dayAfter(day ?? ''))
    await sheet.getByRole('button', { name: 'Save' }).click()
    await sheet.waitFor({ state: 'detached' })
    await ben.page.getByRole('button', { name: 'Next day' }).click()
    await ben.entry('Offsite, all day').waitFor()
    await ben.page.getByRole('button', { name: 'Previous day' }).click()
  })

  test('a sheet follows a meeting that is moved elsewhere, and its change undoes nothing', async () => {
    const { url } = rigged().network
    const day = (await ben.page.locator('[data-day]').getAttribute('data-day')) ?? ''
    const { timezone } = await rigged().rest('GET', '/auth/profile')
    const id = await book(bensToken, { title: 'Review', timezone, ...timesOn(day, '13:00', '14:00') })
    const moveTo = (start: string, end: string) =>
      request(url, 'PATCH', `/meetings/${id}`, timesOn(day, start, end), bensToken)
    await ben.entry('Review, 13:00–14:00').press('Enter')
    const sheet = ben.page.getByRole('dialog', { name: 'Review' })
    await moveTo('15:00', '16:00')
    await sheet.getByText(/, 15:00–16:00, /).waitFor(PROMISED)
    await sheet.getByLabel('End').fill('16:30')
    // Somebody is quicker than the page can know.
    await ben.page.route('**/meetings/*', async (route) => {
      if (route.request().method() === 'PATCH') await moveTo('16:00', '17:00')
      await route.continue()
    })
    await sheet.getByRole('button', { name: 'Save' }).press('Enter')
    await sheet.getByText(/^Somebody has just changed this meeting.* By now it is .*, 16:00–17:00, /).waitFor()
    await ben.page.unroute('**/meetings/*')
    await expect.poll(() => sheet.getByLabel('Start').inputValue()).toBe('16:00')
    await sheet.getByLabel('End').fill('17:30')
    await sheet.getByRole('button', { name: 'Save' }).press('Enter')
    await ben.entry('Review, 16:00–17:30').waitFor()
    await expect.poll(() => focused(ben)).toBe('Review, 16:00–17:30')
  })

  test('a meeting that is moved keeps the focus, one that is left in the air goes back', async () => {
    for (const key of [' ', 'ArrowUp', 'ArrowUp', 'Enter']) await ben.page.keyboard.press(key)
    await ben.entry('Review, 15:30–17:00').waitFor()
    await expect.poll(() => focused(ben)).toBe('Review, 15:30–17:00')
    for (const key of [' ', 'ArrowUp', 'Shift+Tab']) await ben.page.keyboard.press(key)
    await ben.page.locator('.calendar[data-moving="false"]').waitFor()
    await ben.entry('Review, 15:30–17:00').press('Enter')
    await ben.page.getByRole('button', { name: 'Cancel the meeting' }).press('Enter')
    await ben.entry('Review, 15:30–17:00').waitFor({ state: 'detached' })
    await expect.poll(() => focused(ben)).toMatch(/^Design review, 15:00–15:30/)
  })

  test('a day that could not be read is not empty, and is read once it can be', async () => {
    const calendar = /[/]calendar[?]/
    await ben.page.route(calendar, (route) => route.abort())
    await ben.page.getByRole('button', { name: 'Next day' }).click()
    await ben.page.getByRole('alert').getByText('The server cannot be reached at the moment.').waitFor()
    await ben.page.locator('[data-day][aria-busy="true"]').waitFor()
    await ben.page.unroute(calendar)
    await ben.entry('Stand-up, 11:00–11:30').waitFor()
    expect(await ben.page.getByRole('alert').textContent()).toBe('')
  })

  test('the rest of a series is cancelled from its sheet', async () => {
    await ben.entry('Stand-up, 11:00–11:30').press('Enter')
    await ben.page.getByRole('button', { name: 'Cancel the meeting' }).click()
    await ben.page.getByRole('button', { name: 'This and the following' }).click()
    await ben.entry('Stand-up, 11:00–11:30').waitFor({ state: 'detached' })
    await ben.page.getByRole('button', { name: 'Previous day' }).click()
    await ben.entry('Stand-up, 11:30–12:00').waitFor()
  })
})

describe('either view', () => {
  test('has one stop in its grid, a name for everything that is pressed, and nothing cut off at 320 pixels', async () => {
    for (const view of ['find', 'calendar']) {
      await ben.page.evaluate(`location.hash = 'view=${view}'`)
      await ben.page.locator(view === 'find' ? '.heat' : '.calendar').waitFor()
      for (const width of [320, 1280]) {
        await ben.page.setViewportSize({ width, height: 800 })
        expect(await ben.page.evaluate(FLAWS), `${view} at ${width}`).toEqual([])
      }
    }
  })
})

function rigged(): PagesRig {
  if (rig === undefined) throw new Error(NO_BROWSER)
  return rig
}

function focused({ page }: MeetScreen): Promise<string> {
  return page.evaluate(`document.activeElement?.getAttribute('aria-label') ?? ''`)
}

async function servedBy(): Promise<string[]> {
  const lines = await Promise.all([olga, ben].map(({ page }) => page.getByText(/^served by/).textContent()))
  return lines.map((line) => line?.replace('served by ', '') ?? '')
}

/** Whatever day it is: nobody is outside his hours before six in the evening. */
async function workAllWeek(on: PagesRig, userId: string): Promise<void> {
  const { version } = await on.rest('GET', `/users/${userId}`)
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
  const weekly = Object.fromEntries(days.map((day) => [day, [['09:00', '18:00']]]))
  await on.rest('PUT', `/users/${userId}/working-hours`, { weekly, version })
}

/** Ben's, at eleven on five days from tomorrow. */
async function bookStandUp(token: string, more: object): Promise<void> {
  const [hours = 0, minutes = 0] = wallClock(Date.now()).split(':').map(Number)
  const midnight = Math.floor(Date.now() / 60_000) * 60_000 - (hours * 60 + minutes) * 60_000
  const start = midnight + DAY_MS + 11 * 3_600_000
  const times = { startTime: new Date(start).toISOString(), endTime: new Date(start + 1_800_000).toISOString() }
  await book(token, { title: 'Stand-up', ...times, ...more, recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' } })
}

/** All of that day. */
async function bookDay(token: string, day: string): Promise<void> {
  const { timezone } = await rigged().rest('GET', '/auth/profile')
  const times = { startTime: { local: `${day}T00:00` }, endTime: { local: `${dayAfter(day)}T00:00` } }
  await book(token, { title: 'Offsite', allDay: true, timezone, ...times })
}

async function book(token: string, body: object): Promise<string> {
  const { meeting } = await request(rigged().network.url, 'POST', '/meetings', body, token)
  return (meeting as { id: string }).id
}

/** On that day of the page's. */
function timesOn(day: string, start: string, end: string) {
  return { startTime: { local: `${day}T${start}` }, endTime: { local: `${day}T${end}` } }
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10)
}
