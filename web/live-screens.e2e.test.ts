import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_BROWSER } from '../testkit/browser.ts'
import { PagesRig, wallClock } from '../testkit/pages-rig.ts'

/** What every screen promises: right within a second of the commit. */
const PROMISED_MS = 1_000

let rig: PagesRig | undefined
/** The panel beside Ash. */
let page: Page
let dashboard: Page
/** Everything the panel was ever told. */
const told: string[] = []

beforeAll(async () => {
  rig = await PagesRig.open(['Ash', 'Birch', 'Cedar'], { api: 1, realtime: 2, worker: 1 })
  if (rig === undefined) return
  ;({ page } = await rig.tab({ hasTouch: true }))
  ;({ page: dashboard } = await rig.tab())
  page.on('response', (response) => {
    if (response.url().includes('/assets/')) return
    void response.text().then(
      (text) => told.push(text),
      () => {},
    )
  })
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => told.push(String(payload))))
})

afterAll(() => rig?.[Symbol.asyncDispose]())

beforeEach((task) => {
  if (rig === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(rig?.complaints ?? []).toEqual([]))

// Two screens live through a day: each test begins where the one before ended.
describe('the panel beside a door', () => {
  test('a code from the floor page pairs it; a wrong one is told as a sentence', async () => {
    const { page: floor, context } = await rigged().tab()
    await floor.goto(`${rigged().network.url}/floor`)
    await rigged().signIn(floor)
    await floor.getByRole('button', { name: 'Book Ash' }).click()
    await floor.getByRole('button', { name: 'Pair a panel' }).click()
    const code = (await floor.getByText(/^\d{3} \d{3}$/).textContent())?.replace(' ', '') ?? ''
    await floor.getByRole('img', { name: /^Leads to .*\/panel$/ }).waitFor()
    await context.close()

    await page.goto(`${rigged().network.url}/panel`)
    await type(code === '000000' ? '000001' : '000000')
    await page.getByRole('alert').getByText('That pairing code is wrong, was used, or has expired.').waitFor()
    await type(code)
    await page.getByRole('heading', { name: 'Ash' }).waitFor()
    await word('Free')
    // Who reloads stays paired.
    await page.reload()
    await word('Free')
  })

  test('a walk-up takes the room, is extended and ended', async () => {
    await page.getByRole('button', { name: '30 min' }).click()
    await word('In use')
    const until = await minutesLeft()
    expect(until).toBeGreaterThanOrEqual(29)
    await page.getByRole('button', { name: '+15 min' }).click()
    await expect.poll(minutesLeft).toBeGreaterThanOrEqual(until + 14)
    await page.getByRole('button', { name: 'End', exact: true }).click()
    // Nobody ends a meeting by leaning on the screen.
    await word('In use')
    await page.getByRole('button', { name: 'Yes, end it now' }).click()
    await word('Free')
  })

  test('somebody else’s booking shows within a second, with the title everybody may read; check-in makes it in use', async () => {
    const { id, start, end } = await rigged().book('Ash', 5, 35, { title: 'Design review' })
    await word('Reserved', PROMISED_MS)
    await page.getByText('Design review · Olga Owner').waitFor({ timeout: PROMISED_MS })
    await page.getByText(`${start}–${end}`, { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Check in' }).click()
    await word('In use')
    await rigged().rest('DELETE', `/meetings/${id}`)
    await word('Free', PROMISED_MS)
  })

  test('a refusal is the server’s own sentence', async () => {
    // Between the panel's look and the press somebody else was quicker.
    await page.route('**/rooms/*/state', (route) => route.abort())
    await page.route('**/rooms/*/walkup', async (route) => {
      await rigged().book('Ash', 1, 20)
      await route.continue()
    })
    await page.getByRole('button', { name: '15 min' }).click()
    await page
      .getByRole('alert')
      .getByText(/reserved|taken/)
      .waitFor()
    await page.unrouteAll()
    await word('Reserved')
    await page.getByRole('button', { name: 'Check in' }).click()
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await page.getByRole('button', { name: 'Yes, end it now' }).click()
    await word('Free')
  })

  test('a private title is shown nowhere and was never sent', async () => {
    const { id } = await rigged().book('Ash', 5, 35, { title: 'Secret merger', visibility: 'participants' })
    const later = await rigged().book('Ash', 60, 90, { title: 'Secret merger', visibility: 'busy_only' })
    await word('Reserved', PROMISED_MS)
    await page.getByText(`Next ${later.start}–${later.end} · Reserved`).waitFor()
    await rigged().rest('DELETE', `/meetings/${id}`)
    await rigged().rest('DELETE', `/meetings/${later.id}`)
    await word('Free', PROMISED_MS)
    expect(told.join('\n')).toContain('Design review')
    expect(told.join('\n')).not.toContain('Secret merger')
  })
})

describe('the dashboard', () => {
  test('a bookmark of a floor from when floors were the front page leads there', async () => {
    await dashboard.goto(`${rigged().network.url}/`)
    await dashboard.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Dashboard' }).waitFor()
    await dashboard.goto(`${rigged().network.url}/docs`)
    await dashboard.goto(`${rigged().network.url}/#floor=${rigged().floorId}`)
    await dashboard.waitForURL(`${rigged().network.url}/floor#floor=${rigged().floorId}`)
  })

  test('a booking moves the figures, the bars and the tile within a second; so does a check-in', async () => {
    await dashboard.goto(`${rigged().network.url}/dashboard`)
    await rigged().signIn(dashboard)
    await figure('Free now', '3 of 3')
    await tile('Birch', 'Free')
    const { end } = await rigged().book('Birch', -5, 40)
    await figure('Booked now', '1 of 3', PROMISED_MS)
    await tile('Birch', `Reserved until ${end}`, PROMISED_MS)
    expect(await dashboard.getByRole('row', { name: /^Ground/ }).textContent()).toContain('1 booked')
    await figure('Occupied now', '0 of 3')
    await rigged().rest('POST', `/rooms/${rigged().rooms.get('Birch')}/checkin`, {})
    await figure('Occupied now', '1 of 3', PROMISED_MS)
    await tile('Birch', `In use until ${end}`, PROMISED_MS)
  })
})

describe('the panel and the dashboard', () => {
  test('while no node answers they say of when they speak; afterwards they have what happened meanwhile', async () => {
    const nodes = rigged().network.of('realtime')
    await Promise.all(nodes.map((node) => node.kill()))
    await dashboard.getByText(/^Reconnecting… as of \d\d:\d\d$/).waitFor({ timeout: 3_000 })
    await page.getByText(/^No connection: as of \d\d:\d\d$/).waitFor({ timeout: 6_000 })
    await rigged().book('Ash', 5, 35)
    const { end } = await rigged().book('Cedar', -5, 40)
    await nodes[1]?.start()
    await page.getByText(/^No connection/).waitFor({ state: 'detached' })
    await word('Reserved')
    await dashboard.getByRole('status').getByText('Live', { exact: true }).waitFor()
    await figure('Booked now', '3 of 3')
    await tile('Cedar', `Reserved until ${end}`)
  })

  test('a network that dies in silence is noticed too', async () => {
    await page.context().setOffline(true)
    await page.getByText(/^No connection: as of \d\d:\d\d$/).waitFor({ timeout: 8_000 })
    await page.context().setOffline(false)
    await page.getByText(/^No connection/).waitFor({ state: 'detached' })
  })

  test('the panel’s words stand out from each of its colours, and nothing of it is cut off in either orientation', async () => {
    for (const status of ['free', 'reserved', 'checked_in', 'overrun', 'blocked', 'unknown']) {
      expect(await contrastOf(status), status).toBeGreaterThanOrEqual(7)
    }
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 800, height: 1280 },
      { width: 1024, height: 600 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(viewport)
      const { scrollWidth, scrollHeight, least } = await page.evaluate(MEASURES)
      expect(scrollWidth, JSON.stringify(viewport)).toBeLessThanOrEqual(viewport.width)
      if (viewport.width > 390) expect(scrollHeight, JSON.stringify(viewport)).toBeLessThanOrEqual(viewport.height)
      expect(least, JSON.stringify(viewport)).toBeGreaterThanOrEqual(64)
    }
  })

  test('at 1280 by 800, on a television and on a phone nothing of the dashboard is cut off', async () => {
    for (const viewport of [
      { width: 1920, height: 1080 },
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      await dashboard.setViewportSize(viewport)
      expect(await dashboard.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0)
    }
  })

  test('a panel that is sent away asks for a code again and says why', async () => {
    const { items } = await rigged().rest('GET', '/auth/devices')
    await rigged().rest('DELETE', `/auth/devices/${(items as { id: string }[])[0]?.id}`)
    await page
      .getByText('This panel is not paired with its room any more. Enter a new code.')
      .waitFor({ timeout: 2 * PROMISED_MS })
    await page.getByRole('heading', { name: 'Pair this panel' }).waitFor()
  })

  test('a session that is ended elsewhere leads the dashboard back to the sign-in', async () => {
    const kept = await dashboard.evaluate(`JSON.parse(localStorage.getItem('convoke.session'))`)
    await rigged().rest('POST', '/auth/logout', { refreshToken: (kept as { refreshToken: string }).refreshToken })
    await dashboard.getByText('Your session has ended. Please sign in again.').waitFor({ timeout: 3_000 })
  })
})

function rigged(): PagesRig {
  if (rig === undefined) throw new Error(NO_BROWSER)
  return rig
}

async function type(code: string): Promise<void> {
  for (const digit of code) await page.getByRole('button', { name: digit, exact: true }).click()
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
}

async function word(text: string, timeout?: number): Promise<void> {
  const state = page.getByRole('region', { name: 'State of the room' })
  await state.getByText(text, { exact: true }).waitFor(timeout === undefined ? {} : { timeout })
}

/** From now to what stands after "until". */
async function minutesLeft(): Promise<number> {
  const [, hours, minutes] = /(\d\d):(\d\d)/.exec((await page.getByText(/^until /).textContent()) ?? '') ?? []
  const [nowHours, nowMinutes] = wallClock(Date.now()).split(':')
  return 60 * (Number(hours) - Number(nowHours)) + Number(minutes) - Number(nowMinutes)
}

async function figure(name: string, value: string, timeout?: number): Promise<void> {
  const shown = dashboard.locator('.total', { has: dashboard.getByText(name, { exact: true }) }).locator('dd')
  await shown.filter({ hasText: value }).waitFor(timeout === undefined ? {} : { timeout })
}

async function tile(name: string, text: string, timeout?: number): Promise<void> {
  const shown = dashboard.getByRole('listitem').filter({ has: dashboard.getByRole('heading', { name, exact: true }) })
  await shown.filter({ hasText: text }).waitFor(timeout === undefined ? {} : { timeout })
}

interface Measures {
  scrollWidth: number
  scrollHeight: number
  /** The smallest side of any button. */
  least: number
}

const MEASURES = `(() => {
  const sides = [...document.querySelectorAll('button')].flatMap((b) => [b.offsetWidth, b.offsetHeight])
  const { scrollWidth, scrollHeight } = document.documentElement
  return { scrollWidth, scrollHeight, least: Math.min(...sides) }
})()` as unknown as () => Measures

/** WCAG 2.2, 1.4.3: relative luminances of the text and of what is behind it. */
function contrastOf(status: string): Promise<number> {
  return page.evaluate(`(() => {
    const door = document.querySelector('.door')
    const before = door.dataset.status
    door.style.transition = 'none'
    door.dataset.status = '${status}'
    const { color, backgroundColor } = getComputedStyle(door)
    const luminance = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0)
    const [dark, light] = [luminance(color), luminance(backgroundColor)].sort((a, b) => a - b)
    door.dataset.status = before
    return (light + 0.05) / (dark + 0.05)
  })()`)
}
