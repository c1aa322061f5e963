/**
 * `node testkit/screenshots.ts <url> <e-mail> <password>`: the pictures of the README, docs/images/floor.png and
 * docs/images/refused.png, from a running installation. Books nothing: the only booking it tries is refused.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { NO_BROWSER, openBrowser } from './browser.ts'

const IMAGES = join(import.meta.dirname, '../docs/images')
const VIEWPORT = { width: 1400, height: 900 }
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
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light', locale: 'en-GB' })
  await page.clock.setFixedTime(Date.now())
  await page.goto(url)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText(/rooms free now/).waitFor()
  await setBusyHour(page)
  await page.screenshot({ path: join(IMAGES, 'floor.png') })
  await beRefused(page)
  await page.screenshot({ path: join(IMAGES, 'refused.png') })
  console.log(`wrote floor.png and refused.png to ${IMAGES}`)
} finally {
  await browser.close()
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
