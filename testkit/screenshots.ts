/**
 * `node testkit/screenshots.ts <url> <e-mail> <password>`: the pictures of the README, docs/images/{floor,refused,panel,
 * dashboard,meeting,meet,tour,typing}.png, from a running demo of two nodes. Who signs in must be its owner or an admin: a panel is paired
 * for its picture, and sent away afterwards. Of what the tour does one booking and one meeting remain, weeks ahead.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { NO_BROWSER, openBrowser } from './browser.ts'

const IMAGES = join(import.meta.dirname, '../docs/images')
const VIEWPORT = { width: 1400, height: 900 }
/** A tablet beside a door, a small television. */
const SCREEN = { width: 1280, height: 800 }
const TOUR = { width: 1400, height: 1250 }
/** A node that was killed is back by then. */
const STEP_MS = 60_000
/** A live state reaches 48 h ahead: that far the page's clock may be set. */
const HALF_HOURS_AHEAD = 2 * 40
const HALF_HOUR_MS = 1_800_000

const [url, email, password] = process.argv.slice(2)
if (url === undefined || email === undefined || password === undefined) {
  throw new Error('usage: node testkit/screenshots.ts <url> <e-mail> <password>')
}
const browser = await openBrowser()
if (browser === undefined) throw new Error(NO_BROWSER)
try {
  await mkdir(IMAGES, { recursive: true })
  const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light', locale: 'en-GB' })
  const page = await context.newPage()
  await page.clock.setFixedTime(Date.now())
  await page.goto(new URL('/floor', url).href)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText(/rooms free now/).waitFor()
  await takeDashboard(await context.newPage())
  await takeMeeting(await context.newPage())
  await takeMeet(await context.newPage())
  await takePanel(page)
  await setBusyHour(page)
  await page.screenshot({ path: join(IMAGES, 'floor.png') })
  await beRefused(page)
  await page.screenshot({ path: join(IMAGES, 'refused.png') })
  // The tour measures: in its context no clock stands still.
  const running = await browser.newContext({
    colorScheme: 'light',
    locale: 'en-GB',
    storageState: await context.storageState(),
  })
  await takeTour(await running.newPage())
  console.log(`wrote the pictures to ${IMAGES}`)
} finally {
  await browser.close()
}

async function takeDashboard(tab: Page): Promise<void> {
  await tab.setViewportSize(SCREEN)
  await tab.goto(new URL('/dashboard', url).href)
  await tab.getByRole('listitem').first().waitFor()
  await tab.screenshot({ path: join(IMAGES, 'dashboard.png') })
  await tab.close()
}

/** The one that comes next, as it is written so far. */
async function takeMeeting(tab: Page): Promise<void> {
  await tab.setViewportSize(SCREEN)
  await tab.goto(new URL('/meeting', url).href)
  await tab.locator('.next-list a').first().click()
  await tab.getByText('Saved', { exact: true }).waitFor()
  await tab.getByRole('list', { name: 'Here now' }).getByText('(you)').waitFor()
  await tab.screenshot({ path: join(IMAGES, 'meeting.png') })
  await tab.close()
}

/** Four people in some zones, and the first time that would suit them, held. The hold is given back afterwards. */
async function takeMeet(tab: Page): Promise<void> {
  await tab.setViewportSize(SCREEN)
  await tab.goto(new URL('/meet', url).href)
  for (const name of ['am', 'gra', 'dan']) {
    await tab.getByRole('combobox', { name: 'Add a person' }).fill(name)
    await tab.getByRole('option').first().waitFor()
    await tab.keyboard.press('Enter')
  }
  await tab.getByLabel('Any room with seats for all').check()
  await tab
    .locator('.slot', { hasText: /[a-z]$/ })
    .first()
    .click()
  await tab.getByText(/, held until/).waitFor()
  await tab.locator('.verdict', { hasText: 'free' }).last().waitFor()
  await tab.screenshot({ path: join(IMAGES, 'meet.png') })
  await tab.getByRole('button', { name: 'Give back' }).click()
  await tab.getByText(/^Drop the block/).waitFor()
  await tab.close()
}

/** A race won by one, and a node that was killed. */
async function takeTour(tab: Page): Promise<void> {
  tab.setDefaultTimeout(STEP_MS)
  await tab.setViewportSize(TOUR)
  await tab.goto(url ?? '')
  await tab.getByRole('status').getByText('Live', { exact: true }).waitFor()
  await tab.getByRole('button', { name: 'Race', exact: true }).click()
  await tab.getByText(/one booking stands[.]$/).waitFor()
  await tab.getByRole('button', { name: 'Kill one with -9' }).click()
  await tab.getByText(/^back as process/).waitFor()
  await tab.mouse.move(0, 0)
  await tab.screenshot({ path: join(IMAGES, 'tour.png') })
  await takeTyping(tab)
}

/** In the middle of a line, with the names of who types. */
async function takeTyping(tab: Page): Promise<void> {
  const step = tab.getByRole('region', { name: 'Type together' })
  await step.getByRole('button', { name: 'Open two windows' }).click()
  const frame = step.locator('iframe').first().contentFrame()
  await frame.getByText(/^We type this in one/).waitFor()
  await step.screenshot({ path: join(IMAGES, 'typing.png') })
}

/** Beside a room in which somebody is, if there is one: that has most to show. */
async function takePanel(signedIn: Page): Promise<void> {
  const rooms = (await ask(signedIn, 'GET', '/rooms?active=true&limit=100')) as { items: { id: string }[] }
  const states = await Promise.all(rooms.items.map(({ id }) => ask(signedIn, 'GET', `/rooms/${id}/state`)))
  const known = states as { roomId: string; status: string }[]
  const chosen = ['checked_in', 'reserved', 'free'].flatMap((status) => known.filter((room) => room.status === status))
  const pairing = await ask(signedIn, 'POST', '/auth/devices/pair', { roomId: chosen[0]?.roomId, name: 'Picture' })
  const { id, code } = pairing as { id: string; code: string }
  const context = await signedIn
    .context()
    .browser()
    ?.newContext({ viewport: SCREEN, locale: 'en-GB', reducedMotion: 'reduce' })
  const panel = await context?.newPage()
  try {
    await panel?.goto(new URL(`/panel#code=${code}`, url).href)
    await panel?.getByRole('button', { name: 'Pair', exact: true }).click()
    await panel?.getByText(/^Next |^Nothing else/).waitFor()
    await panel?.screenshot({ path: join(IMAGES, 'panel.png') })
  } finally {
    await context?.close()
    await ask(signedIn, 'DELETE', `/auth/devices/${id}`)
  }
}

/** As who is signed in on that page. */
function ask(signedIn: Page, method: string, path: string, body?: object): Promise<unknown> {
  const request = JSON.stringify({ method, ...(body && { body: JSON.stringify(body) }) })
  return signedIn.evaluate(`(async () => {
    const { accessToken } = JSON.parse(localStorage.getItem('convoke.session'))
    const headers = { 'content-type': 'application/json', authorization: 'Bearer ' + accessToken }
    const answer = await fetch(${JSON.stringify(path)}, { ...${request}, headers })
    if (!answer.ok) throw new Error(${JSON.stringify(`${method} ${path} answered `)} + answer.status)
    return answer.status === 204 ? null : answer.json()
  })()`)
}

/** An office at night is a dull picture: moves the page's clock on to where about half of the rooms are in use. */
async function setBusyHour(page: Page): Promise<void> {
  const start = Math.floor(Date.now() / HALF_HOUR_MS) * HALF_HOUR_MS + 12 * 60_000
  let best = { at: start, distance: Infinity }
  for (let step = 1; step <= HALF_HOURS_AHEAD; step++) {
    const at = start + step * HALF_HOUR_MS
    const [free = 0, all = 1] = await countAt(page, at)
    const distance = Math.abs(free / all - 0.5)
    if (distance < best.distance) best = { at, distance }
  }
  await countAt(page, best.at)
}

async function countAt(page: Page, at: number): Promise<number[]> {
  await page.clock.setFixedTime(at)
  // The page looks at the clock when it is looked at again.
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`)
  await page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
  const words = await page.getByText(/rooms free now/).textContent()
  return (
    /(\d+) of (\d+)/
      .exec(words ?? '')
      ?.slice(1)
      .map(Number) ?? []
  )
}

async function beRefused(page: Page): Promise<void> {
  const card = page
    .getByRole('listitem')
    .filter({ hasText: /Reserved \d\d:\d\d–\d\d:\d\d next/ })
    .first()
  const [, start = '', end = ''] = /Reserved (\d\d:\d\d)–(\d\d:\d\d) next/.exec((await card.textContent()) ?? '') ?? []
  await card.getByRole('button').click()
  const panel = page.getByRole('dialog')
  await panel.getByLabel('Title').fill('Design review')
  await panel.getByLabel('Start').fill(start)
  await panel.getByLabel('End').fill(end)
  await panel.getByRole('button', { name: 'Book', exact: true }).click()
  await panel.getByText('Not booked').waitFor()
  // Let the button under the pointer rest.
  await page.mouse.move(0, 0)
}
