import { randomUUID } from 'node:crypto'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Balancer, openBalancer } from '../../app/nodes/balancer.ts'
import { NO_BROWSER } from '../../testkit/browser.ts'
import { PASSWORD, PagesRig } from '../../testkit/pages-rig.ts'

/** What the page promises: others see it within a second. */
const PROMISED_MS = 1_000
const BEN = 'ben@example.org'

let rig: PagesRig | undefined
let meetingId = ''
let benId = ''
/** Two people, their documents on two nodes. */
let olga: Page
let ben: Page
let away: BrowserContext
/** Olga's and Ben's. */
const doors: Balancer[] = []

beforeAll(async () => {
  rig = await PagesRig.open(['Ash'], { api: 1, realtime: 2, worker: 1 })
  if (rig === undefined) return
  const names = { firstName: 'Ben', lastName: 'Baker', role: 'member', timezone: 'America/New_York' }
  const user = await rig.rest('POST', '/users', { email: BEN, password: PASSWORD, ...names })
  benId = user['id'] as string
  const booked = await rig.book('Ash', 30, 60, { title: 'Design review', participants: [{ userId: benId }] })
  meetingId = booked.id
  doors.push(await doorOf('realtime-1'), await doorOf('realtime-2'))
  ;({ page: olga } = await rig.tab())
  ;({ page: ben, context: away } = await rig.tab())
})

afterAll(async () => {
  await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()))
  await rig?.[Symbol.asyncDispose]()
})

beforeEach((task) => {
  if (rig === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(rig?.complaints ?? []).toEqual([]))

// One meeting lives through its day: each test begins where the one before ended.
describe('a meeting page', () => {
  test('lists a person’s next meetings, and leads to them', async () => {
    await olga.goto(`${address(0)}/meeting`)
    await rigged().signIn(olga)
    await olga.getByRole('link', { name: /Design review/ }).click()
    await title(olga).waitFor()
    expect(olga.url()).toMatch(new RegExp(`/meeting#${meetingId}$`))
    await ben.goto(`${address(1)}/meeting#${meetingId}`)
    await signInAsBen()
    await title(ben).waitFor()
    // Each by his own clock, and the meeting's where that differs.
    await ben
      .getByRole('list', { name: 'When and where' })
      .getByText(/New York time/)
      .waitFor()
    await shows(people(olga), 'Ben Baker')
    await shows(people(ben), 'Olga Owner')
    expect(await joinedNodes()).toEqual(['realtime-1', 'realtime-2'])
  })

  test('two people on two nodes type together in the notes: each sees the other’s text and name within a second', async () => {
    await notes(olga).click()
    await olga.keyboard.type('Olga was here.')
    await shows(notes(ben), 'Olga was here.')
    await shows(notes(ben).locator('.cursor-name'), 'Olga Owner')
    await notes(ben).click()
    await ben.keyboard.press('End')
    await ben.keyboard.type(' Ben too.')
    await shows(notes(olga), 'Olga was here. Ben too.')
    await shows(notes(olga).locator('.cursor-name'), 'Ben Baker')
    await saved(ben)
  })

  test('and in the title, where what others write moves the caret along', async () => {
    await title(ben).focus()
    await ben.keyboard.press('End')
    await title(olga).focus()
    await olga.keyboard.press('Home')
    await olga.keyboard.type('Our ')
    await expect.poll(() => title(ben).inputValue(), WITHIN).toBe('Our Design review')
    await ben.keyboard.type(', part 2')
    await expect.poll(() => title(olga).inputValue(), WITHIN).toBe('Our Design review, part 2')
  })

  test('what is undone is one’s own, in the notes as in the fields', async () => {
    await title(olga).press('Control+z')
    await expect.poll(() => title(ben).inputValue(), WITHIN).toBe('Design review, part 2')
    await notes(olga).press('Control+z')
    await expect.poll(() => notes(ben).textContent(), WITHIN).toMatch(/^ Ben too\./)
    await olga.getByRole('button', { name: 'Redo' }).click()
    await shows(notes(ben), 'Olga was here. Ben too.')
  })

  test('a title changed through REST appears', async () => {
    await projected('Design review, part 2')
    await change({ title: 'Kick-off' })
    await expect.poll(() => title(ben).inputValue(), WITHIN).toBe('Kick-off')
    await expect.poll(() => title(olga).inputValue(), WITHIN).toBe('Kick-off')
  })

  test('text is formatted by button and by key, and a link leads only where it may', async () => {
    await goTo(olga, 'End')
    await olga.keyboard.press('Enter')
    await olga.keyboard.type('## Decisions')
    await olga.keyboard.press('Enter')
    await olga.keyboard.type('- ')
    await olga.keyboard.press('Control+b')
    await olga.keyboard.type('Ship it')
    await expect.poll(() => olga.getByRole('button', { name: 'Bold' }).getAttribute('aria-pressed')).toBe('true')
    await notes(ben).getByRole('heading', { name: 'Decisions' }).waitFor()
    await notes(ben).getByRole('listitem').locator('strong', { hasText: 'Ship it' }).waitFor()
    await olga.keyboard.press('Shift+Home')
    await shows(notes(ben).locator('.selected'), 'Ship it')
    await olga.keyboard.press('Control+k')
    await olga.getByLabel('Address').fill('javascript:alert(1)')
    await olga.keyboard.press('Enter')
    await olga.getByText(/A link begins with/).waitFor()
    await olga.getByLabel('Address').fill('example.org/plan')
    await olga.keyboard.press('Enter')
    const link = notes(ben).getByRole('link', { name: 'Ship it' })
    await link.waitFor()
    expect(await link.getAttribute('href')).toBe('https://example.org/plan')
  })

  test('agenda and actions are written by keyboard alone, and both see the same', async () => {
    const agenda = (page: Page) => page.getByRole('region', { name: 'Agenda' })
    await agenda(olga).getByRole('button', { name: '+ Add item' }).press('Enter')
    await olga.keyboard.type('Numbers')
    await olga.keyboard.press('Enter')
    await olga.keyboard.type('Names')
    await olga.keyboard.press('Alt+ArrowUp')
    await expect.poll(() => values(agenda(ben)), WITHIN).toEqual(['Names', 'Numbers'])
    await agenda(ben).getByLabel('Minutes').first().fill('10')
    await agenda(ben).getByLabel('Done: Numbers').check()
    await shows(agenda(olga), '1 open · 10 of 30 min')
    const actions = (page: Page) => page.getByRole('region', { name: 'Actions' })
    await actions(ben).getByRole('button', { name: '+ Add action' }).click()
    await ben.keyboard.type('Call Lisbon')
    await actions(ben).getByLabel('Who', { exact: true }).selectOption({ label: 'Olga Owner' })
    await actions(ben).getByLabel('Until').fill('2030-01-31')
    await expect.poll(() => values(actions(olga)), WITHIN).toEqual(['Call Lisbon'])
    await expect.poll(() => actions(olga).getByLabel('Until').inputValue(), WITHIN).toBe('2030-01-31')
    const who = actions(olga).getByLabel('Who', { exact: true }).locator('option:checked')
    await expect.poll(() => who.textContent(), WITHIN).toBe('Olga Owner')
  })

  test('without a connection it says how much waits; nothing is lost when it comes back', async () => {
    await saved(ben)
    await away.setOffline(true)
    await ben.getByText('Offline', { exact: true }).waitFor()
    await goTo(ben, 'Home')
    await ben.keyboard.type('abc')
    await ben.getByText('Offline: 3 changes wait', { exact: true }).waitFor()
    await goTo(olga, 'End')
    await olga.keyboard.type(' Meanwhile.')
    await saved(olga)
    await away.setOffline(false)
    await saved(ben)
    await expect.poll(() => textOf(olga), WITHIN).toMatch(/^abcOlga was here/)
    await notes(ben)
      .getByText(/Meanwhile\./)
      .waitFor()
  })

  test('a session that ends while changes wait costs none of them: they go out after the next sign-in', async () => {
    await away.setOffline(true)
    await ben.getByText('Offline', { exact: true }).waitFor()
    await goTo(ben, 'Home')
    await ben.keyboard.type('§')
    await ben.getByText('Offline: 1 change waits', { exact: true }).waitFor()
    const kept = await ben.evaluate(`JSON.parse(localStorage.getItem('convoke.session'))`)
    const body = JSON.stringify({ refreshToken: (kept as { refreshToken: string }).refreshToken })
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(`${address(1)}/auth/logout`, { method: 'POST', headers, body })).status).toBe(204)
    await away.setOffline(false)
    await ben.getByText(/^Your session has ended[.]/).waitFor()
    await signInAsBen()
    await saved(ben)
    await expect.poll(() => textOf(olga), WITHIN).toMatch(/^§abcOlga was here/)
  })

  test('everything is there after a reload', async () => {
    const before = await textOf(ben)
    await olga.goto('about:blank')
    // Who is gone is not here.
    await people(ben)
      .getByText('Olga Owner')
      .waitFor({ state: 'detached', ...TIMELY })
    await olga.goto(`${address(0)}/meeting#${meetingId}`)
    await title(olga).waitFor()
    await expect.poll(() => textOf(olga)).toBe(before)
    expect(await title(olga).inputValue()).toBe('Kick-off')
    expect(await values(olga.getByRole('region', { name: 'Agenda' }))).toEqual(['Names', 'Numbers'])
    await people(olga).getByText('Ben Baker').waitFor()
    await people(ben).getByText('Olga Owner').waitFor()
  })

  test('on a phone and on a desk nothing is cut off', async () => {
    for (const viewport of [
      { width: 390, height: 844 },
      { width: 1280, height: 800 },
    ]) {
      await olga.setViewportSize(viewport)
      expect(await olga.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0)
    }
  })

  test('who is taken off the list is told, and reads on; who may not even see it any more is told that', async () => {
    await change({ participants: [] })
    await ben.getByText(/^You are not one of its people any more: read only since \d\d:\d\d\.$/).waitFor(TIMELY)
    expect(await notes(ben).getAttribute('aria-readonly')).toBe('true')
    expect(await title(ben).getAttribute('readonly')).not.toBeNull()
    await goTo(olga, 'End')
    await olga.keyboard.type(' Read this.')
    await shows(notes(ben), 'Read this.')
    await change({ visibility: 'participants' })
    await ben.getByRole('heading', { name: 'This meeting is not for you' }).waitFor(TIMELY)
    expect(await ben.locator('body').textContent()).not.toContain('Olga was here')
  })

  test('a cancelled meeting is shown as cancelled', async () => {
    await rigged().rest('DELETE', `/meetings/${meetingId}`)
    await olga.getByText('Cancelled', { exact: true }).waitFor(TIMELY)
  })
})

const WITHIN = { timeout: PROMISED_MS, interval: 20 }
const TIMELY = { timeout: 2 * PROMISED_MS }

function rigged(): PagesRig {
  if (rig === undefined) throw new Error(NO_BROWSER)
  return rig
}

async function signInAsBen(): Promise<void> {
  await ben.getByLabel('E-mail').fill(BEN)
  await ben.getByLabel('Password').fill(PASSWORD)
  await ben.getByRole('button', { name: 'Sign in' }).click()
}

async function change(fields: object): Promise<void> {
  const { version } = await rigged().rest('GET', `/meetings/${meetingId}`)
  await rigged().rest('PUT', `/meetings/${meetingId}`, { ...fields, version })
}

/** An address of the installation behind which there is one realtime node only. */
function doorOf(realtimeId: string): Promise<Balancer> {
  const { network } = rigged()
  const nodes = [...network.of('api'), network.node(realtimeId)]
  const targets = () =>
    nodes.flatMap(({ id, role, url }) => (role === 'worker' ? [] : [{ id, role, port: Number(new URL(url).port) }]))
  return openBalancer({ host: '127.0.0.1', port: 0, targets, newId: randomUUID })
}

function address(door: 0 | 1): string {
  return `http://127.0.0.1:${doors[door]?.port}`
}

function title(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Title' })
}

function notes(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Notes' })
}

function people(page: Page): Locator {
  return page.getByRole('list', { name: 'Here now' })
}

/**
 * Puts the caret at one end of the notes, where it is to stay: the editor sets one of its own a moment after it got the focus,
 * and hears of the browser's in a later turn. A person's keys come after both.
 */
async function goTo(page: Page, end: 'Home' | 'End'): Promise<void> {
  await notes(page).focus()
  let stays = 0
  const press = async () => {
    await page.keyboard.press(`Control+${end}`)
    const isThere = await page.evaluate(`(() => {
      const { anchorNode, anchorOffset } = getSelection()
      const rest = document.createRange()
      rest.selectNodeContents(document.querySelector('.notes-text'))
      rest.set${end === 'Home' ? 'End' : 'Start'}(anchorNode, anchorOffset)
      const content = rest.cloneContents()
      for (const cursor of content.querySelectorAll('.cursor')) cursor.remove()
      return content.textContent === ''
    })()`)
    stays = isThere === true ? stays + 1 : 0
    return stays
  }
  await expect.poll(press, { interval: 40 }).toBeGreaterThanOrEqual(3)
}

/** Within what is promised. */
async function shows(where: Locator, text: string | RegExp): Promise<void> {
  await where.filter({ hasText: text }).first().waitFor({ timeout: PROMISED_MS })
}

async function saved(page: Page): Promise<void> {
  await page.getByText('Saved', { exact: true }).waitFor()
}

/** Without the names on cursors. */
function textOf(page: Page): Promise<string> {
  return page.evaluate(`(() => {
    const copy = document.querySelector('.notes-text').cloneNode(true)
    for (const cursor of copy.querySelectorAll('.cursor')) cursor.remove()
    return copy.textContent
  })()`)
}

/** Of the items of a list, in order. */
function values(list: Locator): Promise<string[]> {
  return list
    .locator('.item-text')
    .evaluateAll((fields) => fields.map((field) => (field as { value?: string }).value ?? ''))
}

async function projected(expected: string): Promise<void> {
  await expect
    .poll(async () => (await rigged().rest('GET', `/meetings/${meetingId}`))['title'], { timeout: 8_000 })
    .toBe(expected)
}

async function joinedNodes(): Promise<string[]> {
  const nodes = rigged().network.of('realtime')
  const logs = await Promise.all(nodes.map((node) => node.log()))
  return nodes.filter((_, i) => logs[i]?.includes('"doc.joined"')).map(({ id }) => id)
}
