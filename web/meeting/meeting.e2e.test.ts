import { randomUUID } from 'node:crypto'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Balancer, openBalancer } from '../../app/nodes/balancer.ts'
import { NO_BROWSER } from '../../testkit/browser.ts'
import {
  PROMISED_MS,
  goTo,
  itemsOf,
  notesOf,
  peopleOf,
  saved,
  shows,
  textOf,
  titleOf,
} from '../../testkit/meeting-page.ts'
import { PASSWORD, PagesRig } from '../../testkit/pages-rig.ts'

const BEN = 'ben@example.org'

let rig: PagesRig | undefined
let meetingId = ''
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
  const { id: userId } = await rig.rest('POST', '/users', { email: BEN, password: PASSWORD, ...names })
  const more = { title: 'Design review', participants: [{ userId }] }
  ;({ id: meetingId } = await rig.book('Ash', 30, 60, more))
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
    await titleOf(olga).waitFor()
    expect(olga.url()).toMatch(new RegExp(`/meeting#${meetingId}$`))
    await ben.goto(`${address(1)}/meeting#${meetingId}`)
    await signInAsBen()
    await titleOf(ben).waitFor()
    // Each by his own clock, and the meeting's where that differs.
    await ben
      .getByRole('list', { name: 'When and where' })
      .getByText(/New York time/)
      .waitFor()
    await shows(peopleOf(olga), 'Ben Baker')
    await shows(peopleOf(ben), 'Olga Owner')
    expect(await joinedNodes()).toEqual(['realtime-1', 'realtime-2'])
  })

  test('two people on two nodes type together in the notes: each sees the other’s text and name within a second', async () => {
    await notesOf(olga).click()
    await olga.keyboard.type('Olga was here.')
    await shows(notesOf(ben), 'Olga was here.')
    await shows(notesOf(ben).locator('.cursor-name'), 'Olga Owner')
    await notesOf(ben).click()
    await ben.keyboard.press('End')
    await ben.keyboard.type(' Ben too.')
    await shows(notesOf(olga), 'Olga was here. Ben too.')
    await shows(notesOf(olga).locator('.cursor-name'), 'Ben Baker')
    await saved(ben)
  })

  test('and in the title, where what others write moves the caret along', async () => {
    await titleOf(ben).focus()
    await ben.keyboard.press('End')
    await titleOf(olga).focus()
    await olga.keyboard.press('Home')
    await olga.keyboard.type('Our ')
    await expect.poll(() => titleOf(ben).inputValue(), WITHIN).toBe('Our Design review')
    await ben.keyboard.type(', part 2')
    await expect.poll(() => titleOf(olga).inputValue(), WITHIN).toBe('Our Design review, part 2')
  })

  test('what is undone is one’s own, in the notes as in the fields', async () => {
    await titleOf(olga).press('Control+z')
    await expect.poll(() => titleOf(ben).inputValue(), WITHIN).toBe('Design review, part 2')
    await notesOf(olga).press('Control+z')
    await expect.poll(() => notesOf(ben).textContent(), WITHIN).toMatch(/^ Ben too\./)
    await olga.getByRole('button', { name: 'Redo' }).click()
    await shows(notesOf(ben), 'Olga was here. Ben too.')
  })

  test('a title changed through REST appears', async () => {
    await projected('Design review, part 2')
    await change({ title: 'Kick-off' })
    await expect.poll(() => titleOf(ben).inputValue(), WITHIN).toBe('Kick-off')
    await expect.poll(() => titleOf(olga).inputValue(), WITHIN).toBe('Kick-off')
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
    await notesOf(ben).getByRole('heading', { name: 'Decisions' }).waitFor()
    await notesOf(ben).getByRole('listitem').locator('strong', { hasText: 'Ship it' }).waitFor()
    await olga.keyboard.press('Shift+Home')
    await shows(notesOf(ben).locator('.selected'), 'Ship it')
    await olga.keyboard.press('Control+k')
    await olga.getByLabel('Address').fill('javascript:alert(1)')
    await olga.keyboard.press('Enter')
    await olga.getByText(/A link begins with/).waitFor()
    await olga.getByLabel('Address').fill('example.org/plan')
    await olga.keyboard.press('Enter')
    const link = notesOf(ben).getByRole('link', { name: 'Ship it' })
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
    await expect.poll(() => itemsOf(agenda(ben)), WITHIN).toEqual(['Names', 'Numbers'])
    await agenda(ben).getByLabel('Minutes').first().fill('10')
    await agenda(ben).getByLabel('Done: Numbers').check()
    await shows(agenda(olga), '1 open · 10 of 30 min')
    const actions = (page: Page) => page.getByRole('region', { name: 'Actions' })
    await actions(ben).getByRole('button', { name: '+ Add action' }).click()
    await ben.keyboard.type('Call Lisbon')
    await actions(ben).getByLabel('Who', { exact: true }).selectOption({ label: 'Olga Owner' })
    await actions(ben).getByLabel('Until').fill('2030-01-31')
    await expect.poll(() => itemsOf(actions(olga)), WITHIN).toEqual(['Call Lisbon'])
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
    await notesOf(ben)
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
    await peopleOf(ben)
      .getByText('Olga Owner')
      .waitFor({ state: 'detached', ...TIMELY })
    await olga.goto(`${address(0)}/meeting#${meetingId}`)
    await titleOf(olga).waitFor()
    await expect.poll(() => textOf(olga)).toBe(before)
    expect(await titleOf(olga).inputValue()).toBe('Kick-off')
    expect(await itemsOf(olga.getByRole('region', { name: 'Agenda' }))).toEqual(['Names', 'Numbers'])
    await peopleOf(olga).getByText('Ben Baker').waitFor()
    await peopleOf(ben).getByText('Olga Owner').waitFor()
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
    expect(await notesOf(ben).getAttribute('aria-readonly')).toBe('true')
    expect(await titleOf(ben).getAttribute('readonly')).not.toBeNull()
    await goTo(olga, 'End')
    await olga.keyboard.type(' Read this.')
    await shows(notesOf(ben), 'Read this.')
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
