import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_BROWSER } from '../../testkit/browser.ts'
import { Finger, middleOf } from '../../testkit/finger.ts'
import { PagesRig } from '../../testkit/pages-rig.ts'

const PHONE = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true }
const HOUR_MS = 3_600_000
const QUARTER_MS = 900_000

let rig: PagesRig | undefined
let page: Page
let finger: Finger

beforeAll(async () => {
  rig = await PagesRig.open(['Ash'], { api: 1, realtime: 1, worker: 1 })
  if (rig === undefined) return
  ;({ page } = await rig.tab(PHONE))
  finger = await Finger.on(page)
  // Between eleven and one on the wall, for an hour: no day begins or ends in it.
  await rig.book('Ash', 24 * 60 + 60, 24 * 60 + 120, { title: 'Review' })
  await page.goto(`${rig.network.url}/meet`)
  await rig.signIn(page)
  await page.getByRole('grid').waitFor()
  await goToTomorrow()
})

afterAll(() => rig?.[Symbol.asyncDispose]())

beforeEach((task) => {
  if (rig === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(rig?.complaints ?? []).toEqual([]))

describe('on the heat-map a finger', () => {
  test('that moves at once scrolls the page, and nothing is held', async () => {
    await swipeUp(await middleOf(cell('15:00')))
    await expect.poll(scrolled).toBeGreaterThan(50)
    await page.getByText(/^Drop the block/).waitFor()
    expect(await page.locator('.block').count()).toBe(0)
  })

  test('that rests takes the block in hand, and then drags it while the page stands still', async () => {
    const from = await middleOf(cell('15:00'))
    const before = await scrolled()
    await finger.down(from)
    await page.locator('.block[data-held="false"]').waitFor()
    const to = await cell('17:00').boundingBox()
    await finger.slide({ x: (to?.x ?? 0) + 1, y: from.y - 60 })
    await page.locator('.block').getByText('17:00').waitFor()
    expect(await scrolled()).toBe(before)
    await finger.up()
    await page.getByText(/17:00–17:30, held until/).waitFor()
  })

  test('that taps holds that time', async () => {
    await finger.tap(await middleOf(cell('13:00')))
    await page.getByText(/13:00–13:30, held until/).waitFor()
  })
})

describe('in the calendar a finger', () => {
  test('that moves at once scrolls the page, and no meeting moves', async () => {
    await page.getByRole('link', { name: 'My calendar' }).click()
    await goToTomorrow()
    await page.evaluate(`scrollTo(0, 0)`)
    const words = await entry().getAttribute('aria-label')
    await swipeUp(await middleOf(entry()))
    await expect.poll(scrolled).toBeGreaterThan(50)
    expect(await entry().getAttribute('aria-label')).toBe(words)
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('that taps opens a meeting', async () => {
    await finger.tap(await middleOf(entry()))
    const sheet = page.getByRole('dialog', { name: 'Review' })
    await sheet.getByText('Change it').waitFor()
    await sheet.getByRole('button', { name: 'Close' }).click()
  })

  test('that rests on a meeting moves it', async () => {
    const [start = 0, end = 0] = await times()
    const from = await middleOf(entry())
    const before = await scrolled()
    await finger.down(from)
    await page.locator('.calendar[data-moving="true"]').waitFor()
    await finger.slide({ x: from.x, y: from.y + (await hourHeight()) })
    await page
      .getByRole('status')
      .getByText(/^Moving Review: /)
      .waitFor()
    expect(await scrolled()).toBe(before)
    await finger.up()
    await expect.poll(times).toEqual([onQuarter(start + HOUR_MS), onQuarter(start + HOUR_MS) + end - start])
    await page.getByText(/^Moved: Review/).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('that rests on a meeting of a week takes it to another day', async () => {
    await page.setViewportSize({ width: 1024, height: 1000 })
    await page.getByRole('button', { name: 'Week', exact: true }).click()
    const days = page.locator('.calendar-day')
    await days.nth(6).waitFor()
    const day = await dayOf()
    const other = day === 6 ? 5 : day + 1
    const from = await middleOf(entry())
    await finger.down(from)
    await page.locator('.calendar[data-moving="true"]').waitFor()
    const box = await days.nth(other).boundingBox()
    await finger.slide({ x: (box?.x ?? 0) + 20, y: from.y })
    await finger.up()
    await expect.poll(dayOf).toBe(other)
    await page.getByText(/^Moved: Review/).waitFor()
  })
})

async function goToTomorrow(): Promise<void> {
  await page.getByRole('button', { name: 'Today', exact: true }).click()
  await page.getByRole('button', { name: 'Next day' }).click()
}

function cell(time: string) {
  return page.getByRole('gridcell', { name: new RegExp(`^Olga Owner, ${time}: `) })
}

function entry() {
  return page.getByRole('button', { name: /^Review, / })
}

async function swipeUp({ x, y }: { x: number; y: number }): Promise<void> {
  await finger.down({ x, y })
  await finger.slide({ x, y: y - 120 })
  await finger.up()
}

function scrolled(): Promise<number> {
  return page.evaluate(`scrollY`)
}

function hourHeight(): Promise<number> {
  return page.evaluate(`document.querySelector('.calendar-hours li').getBoundingClientRect().height`)
}

/** When the one meeting there is begins and ends by the calendar, milliseconds of the day. */
async function times(): Promise<number[]> {
  const label = (await entry().getAttribute('aria-label')) ?? ''
  return (label.match(/\d\d:\d\d/g) ?? []).map((time) => Date.parse(`1970-01-01T${time}Z`))
}

/** Where a meeting is put down. */
function onQuarter(at: number): number {
  return Math.round(at / QUARTER_MS) * QUARTER_MS
}

/** In which column it is. */
function dayOf(): Promise<number> {
  return page.evaluate(
    `[...document.querySelectorAll('.calendar-day')].findIndex((day) => day.querySelector('[data-entry]'))`,
  )
}
