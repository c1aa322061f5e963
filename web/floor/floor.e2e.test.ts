import { randomUUID } from 'node:crypto'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_BROWSER, openBrowser } from '../../testkit/browser.ts'
import { TestNetwork } from '../../testkit/network.ts'

const EMAIL = 'olga@example.org'
const PASSWORD = 'correct horse battery'
/** A zone where it is between ten and eleven now: the rest of the day is long, whenever the test runs. */
const OFFSET = ((22 - new Date().getUTCHours() + 24) % 24) - 12
const ZONE = OFFSET === 0 ? 'Etc/GMT' : `Etc/GMT${OFFSET > 0 ? '-' : '+'}${Math.abs(OFFSET)}`
const TODAY = new Date(Date.now() + OFFSET * 3_600_000).toISOString().slice(0, 10)
const SOON_MS = 3_000

let network: TestNetwork
let browser: Browser | undefined
let token: string
let rooms: Record<'Ash' | 'Birch' | 'Cedar', string>
let context: BrowserContext
let page: Page
/** What no page of ours may cause: exceptions, and everything the content security policy refused. */
let complaints: string[]

beforeAll(async () => {
  browser = await openBrowser()
  if (browser === undefined) return
  network = await TestNetwork.open({ api: 2, realtime: 2, worker: 1 })
  const names = { firstName: 'Olga', lastName: 'Owner', organization: 'Trees', timezone: 'Europe/Berlin' }
  const registered = await rest('POST', '/auth/register', { email: EMAIL, password: PASSWORD, ...names })
  token = registered['accessToken'] as string
  const floorId = await addFloor()
  const add = async (name: string, capacity: number, equipment: string[]) =>
    (await rest('POST', '/rooms', { name, capacity, equipment, floorId }))['id'] as string
  rooms = {
    Ash: await add('Ash', 4, ['screen']),
    Birch: await add('Birch', 6, ['screen']),
    Cedar: await add('Cedar', 2, ['phone']),
  }
})

afterAll(async () => {
  await browser?.close()
  await network?.[Symbol.asyncDispose]()
})

beforeEach(async (task) => {
  if (browser === undefined) return task.skip(NO_BROWSER)
  context = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: 'en-GB' })
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // Refusals are answers; the browser prints them as errors all the same.
    const isAnswer =
      message.text().startsWith('Failed to load resource') || message.text().includes('WebSocket connection')
    if (message.type() === 'error' && !isAnswer) complaints.push(message.text())
  })
})

afterEach(async () => {
  await context?.close()
  expect(complaints ?? []).toEqual([])
})

describe('the floor page', () => {
  test('a wrong password is told as a sentence, the right one leads to the rooms of a floor', async () => {
    await page.goto(`${network.url}/floor`)
    await signIn('wrong password')
    await page.getByRole('alert').getByText('E-mail, password or organisation is wrong.').waitFor()
    await signIn(PASSWORD)
    await live()
    expect(await card('Ash').textContent()).toContain('4 seats')
    expect(await card('Ash').getByRole('list', { name: 'Equipment' }).textContent()).toContain('screen')
    await card('Ash').getByText('Free today').waitFor()
    // Who reloads stays signed in.
    await page.reload()
    await live()
  })

  test('what somebody else books and cancels shows within a second or so, without a reload', async () => {
    await openBoard()
    const loads: string[] = []
    page.on('load', () => loads.push('load'))
    const booked = await book('Ash', '10:00', '11:30')
    await headline('Ash', 'In use until 11:30')
    await page.getByText('2 of 3 rooms free now').waitFor()
    const id = (booked['meeting'] as { id: string }).id
    await rest('DELETE', `/meetings/${id}`)
    await headline('Ash', 'Free today')
    // Booked and released, and what the room's own clock makes of it.
    await page.getByText(/^[2-9] events$/).waitFor()
    expect(loads).toEqual([])
  })

  test('keyboard alone: a refused booking says why and what would work, and Enter takes a suggestion', async () => {
    await page.goto(`${network.url}/floor`)
    await page.getByLabel('E-mail').waitFor()
    await tabTo('E-mail')
    await page.keyboard.type(EMAIL)
    await tabTo('Password')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await live()
    await book('Ash', '10:00', '12:00')
    await headline('Ash', 'In use until 12:00')

    await tabTo('Book Ash')
    await page.keyboard.press('Enter')
    const panel = page.getByRole('dialog', { name: 'Book a room' })
    await panel.waitFor()
    expect(await focused()).toBe('Title')
    await page.keyboard.press('Enter')
    await panel.getByText('Give it a title.').waitFor()
    await expect.poll(focused).toBe('Title')
    await page.keyboard.type('Design review')
    await panel.getByText('Taken then: 10:00–12:00.').waitFor()
    await page.keyboard.press('Enter')

    const refusal = panel.getByRole('region', { name: 'Not booked' })
    await refusal.getByText('Ash is already taken at that time.').waitFor()
    expect(await refusal.getByRole('list', { name: 'In the way' }).textContent()).toContain('Ash is booked 10:00–12:00')
    expect(await refusal.getByText(/^Request [0-9a-f-]{36}$/).count()).toBe(1)
    expect(await refusal.getByRole('button', { name: /^Book .* later, 12:00–12:30$/ }).count()).toBe(1)
    expect(await refusal.textContent()).not.toMatch(/[{}]/)
    await tabTo('Book Birch instead, same time')
    await page.keyboard.press('Enter')
    await panel.waitFor({ state: 'detached' })
    await page
      .getByRole('status')
      .getByText(/^Booked: Design review, Birch, /)
      .waitFor()
    const inList = card('Birch').getByText(/^Reserved that day: \d\d:\d\d–\d\d:\d\d[.]$/)
    await inList.waitFor({ state: 'attached', timeout: SOON_MS })
    expect(await focused()).toBe('Book Ash')
  })

  test('a series that clashes names each day, and books the free ones when asked to', async () => {
    await openBoard()
    await book('Cedar', '16:00', '17:00')
    await card('Cedar').getByRole('button', { name: 'Book Cedar' }).click()
    const panel = page.getByRole('dialog')
    await panel.getByLabel('Title').fill('Stand-up')
    await panel.getByLabel('Start').fill('16:15')
    await panel.getByLabel('End').fill('16:30')
    await panel.getByLabel('Repeat').selectOption('Every day')
    await panel.getByLabel('How many times').fill('3')
    await panel.getByRole('button', { name: 'Book', exact: true }).click()
    await panel.getByText('Cedar is already taken for 1 of 3 occurrences.').waitFor()
    await panel.getByRole('button', { name: 'Book only the 2 free dates' }).click()
    await page
      .getByRole('status')
      .getByText(/^Booked: Stand-up, Cedar, .* 16:15–16:30, 2 times[.]$/)
      .waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('Escape closes the form and gives the focus back', async () => {
    await openBoard()
    await tabTo('Book Birch')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toBe('Book Birch')
  })

  test('while no node answers it says how old it is; afterwards it has what happened meanwhile', async () => {
    await openBoard()
    const before = await page.getByText(/^served by/).textContent()
    await Promise.all(network.of('realtime').map((node) => node.kill()))
    await page.getByText(/^Reconnecting… as of \d\d:\d\d$/).waitFor({ timeout: SOON_MS })
    await book('Ash', '18:00', '19:00')
    const other = network.of('realtime').find((node) => !before?.endsWith(node.id))
    await other?.start()
    await live()
    await page.getByText(`served by ${other?.id}`).waitFor()
    await card('Ash').getByText('Reserved that day: 10:00–12:00, 18:00–19:00.').waitFor({ state: 'attached' })
  })

  test('tabs whose access token has run out renew it without tripping over each other', async () => {
    await openBoard()
    const token = () => page.evaluate(`JSON.parse(localStorage.getItem('convoke.session')).refreshToken`)
    const before = await token()
    const expire = `localStorage.setItem('convoke.session', JSON.stringify({
      ...JSON.parse(localStorage.getItem('convoke.session')), expiresAt: 0, accessToken: 'run out' }))`
    await page.evaluate(expire)
    const second = await context.newPage()
    await Promise.all([page.reload(), second.goto(`${network.url}/floor`)])
    await Promise.all([live(), live(second)])
    expect(await token()).not.toBe(before)
  })

  test.each([360, 1400])('at %i pixels nothing is cut off', async (width) => {
    await page.setViewportSize({ width, height: 800 })
    await openBoard()
    await page.getByRole('button', { name: 'Book a room' }).click()
    await page.getByRole('dialog').waitFor()
    const overflow = `[document.documentElement, document.querySelector('dialog')].map((e) => e.scrollWidth - e.clientWidth)`
    expect(await page.evaluate(overflow)).toEqual([0, 0])
  })

  test('a session that is ended elsewhere leads back to the sign-in, with the reason', async () => {
    await openBoard()
    const kept = await page.evaluate(`JSON.parse(localStorage.getItem('convoke.session'))`)
    await rest('POST', '/auth/logout', { refreshToken: (kept as { refreshToken: string }).refreshToken })
    await page.getByText('Your session has ended. Sign in again.').waitFor({ timeout: SOON_MS })
    await page.getByLabel('E-mail').waitFor()
  })
})

async function openBoard(): Promise<void> {
  await page.goto(`${network.url}/floor`)
  await signIn(PASSWORD)
  await live()
}

async function signIn(password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(EMAIL)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function live(tab = page): Promise<void> {
  await tab.getByRole('status').getByText('Live', { exact: true }).waitFor()
  await tab.getByText(/of 3 rooms free now/).waitFor()
}

function card(name: string) {
  return page.getByRole('listitem', { name, exact: true })
}

async function headline(name: string, text: string): Promise<void> {
  await card(name).getByText(text, { exact: true }).waitFor({ timeout: SOON_MS })
}

/** The accessible name of what has the focus. */
async function focused(): Promise<string> {
  const name = await page.evaluate(
    `(({ activeElement: e }) => e.ariaLabel ?? e.labels?.[0]?.textContent ?? e.textContent)(document)`,
  )
  return name as string
}

/** Presses Tab until that has the focus, as somebody without a mouse would. */
async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if ((await focused()) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to ${name}`)
}

function book(room: keyof typeof rooms, start: string, end: string): Promise<Record<string, unknown>> {
  const at = (time: string) => ({ local: `${TODAY}T${time}` })
  const body = { title: 'Taken', startTime: at(start), endTime: at(end), timezone: ZONE, roomIds: [rooms[room]] }
  return rest('POST', '/meetings', body)
}

async function rest(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const answer = await fetch(`${network.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return text === '' ? {} : JSON.parse(text)
}

/** By the owner of the store: there is no door for places yet. */
async function addFloor(): Promise<string> {
  const [building, floor] = [randomUUID(), randomUUID()]
  const owner = new pg.Client({ connectionString: network.database.url })
  await owner.connect()
  const organization = `(SELECT id FROM identity.organization WHERE name = 'Trees')`
  await owner.query(
    `INSERT INTO building (organization_id, id, name, timezone) VALUES (${organization}, $1, 'Wood', $2)`,
    [building, ZONE],
  )
  await owner.query(
    `INSERT INTO floor (organization_id, id, building_id, name, level) VALUES (${organization}, $1, $2, 'Ground', 0)`,
    [floor, building],
  )
  await owner.end()
  return floor
}
