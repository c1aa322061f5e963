import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_BROWSER } from '../testkit/browser.ts'
import { faintTexts } from '../testkit/contrast.ts'
import { PagesRig } from '../testkit/pages-rig.ts'

const DAY_MINUTES = 24 * 60

let rig: PagesRig | undefined
let page: Page

beforeAll(async () => {
  rig = await PagesRig.open(['Ash', 'Birch', 'Cedar'], { api: 1, realtime: 1, worker: 1 })
  if (rig === undefined) return
  const { id } = await rig.member('ben@example.org', 'Ben', 'Baker')
  await rig.book('Ash', -1, 44, { title: 'Design review', participants: [{ userId: id }] })
  await rig.book('Birch', DAY_MINUTES + 30, DAY_MINUTES + 90, {
    title: 'Retrospective',
    participants: [{ userId: id }],
  })
  // A colour on its way to another one is nobody's choice.
  ;({ page } = await rig.tab({ reducedMotion: 'reduce' }))
})

afterAll(() => rig?.[Symbol.asyncDispose]())

beforeEach((task) => {
  if (rig === undefined) task.skip(NO_BROWSER)
})

// One person goes from page to page: each test begins where the one before ended.
describe('in the light and in the dark every text can be read', () => {
  test('of the sign-in, and of its refusal', async () => {
    await open('/floor')
    await page.getByLabel('E-mail').fill('nobody@example.org')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').locator('.problem').waitFor()
    await legible()
    await rigged().signIn(page)
  })

  test('of the floor, and of a booking that is refused', async () => {
    await page
      .getByText(/In use|Reserved/)
      .first()
      .waitFor()
    await legible()
    await page.getByRole('button', { name: 'Book Ash' }).click()
    const panel = page.getByRole('dialog')
    await panel.getByLabel('Title').fill('Too late')
    await panel.getByRole('button', { name: 'Book', exact: true }).click()
    await panel.getByText('Not booked').waitFor()
    await legible()
  })

  test('of a time that is looked for, and of one that is held', async () => {
    await open('/meet')
    const search = page.getByRole('combobox', { name: 'Add a person' })
    await search.fill('Ben')
    await page.getByRole('option', { name: 'Ben Baker' }).waitFor()
    await legible()
    await search.press('Enter')
    await page.getByRole('button', { name: 'Today', exact: true }).click()
    await page.getByRole('button', { name: 'Next day' }).click()
    const cell = page.getByRole('gridcell', { name: /^Ben Baker, 1[0-4]:\d\d: (perhaps )?busy/ }).first()
    await cell.press('Enter')
    await page.locator('.verdict', { hasText: 'busy' }).first().waitFor()
    await legible()
    await page.keyboard.press('Enter')
    await page.getByText(/, held until/).waitFor()
    await legible()
    await page.getByRole('button', { name: 'Week', exact: true }).click()
    await page.locator('.week-heat').waitFor()
    await legible()
  })

  test('of one’s calendar, of a meeting in the air, and of one that is open', async () => {
    await page.getByRole('link', { name: 'My calendar' }).click()
    await page.getByRole('button', { name: 'Today', exact: true }).click()
    const entry = page.getByRole('button', { name: /^Design review, / }).first()
    await entry.waitFor()
    await legible()
    await entry.press(' ')
    await page.getByText(/^Moving Design review/).waitFor()
    await legible()
    await page.keyboard.press('Escape')
    await entry.press('Enter')
    await page.getByText('What became of it').waitFor()
    await legible()
  })

  test('of the next meetings, and of one of them', async () => {
    await open('/meeting')
    const first = page.locator('.next-list a').first()
    await first.waitFor()
    await legible()
    await first.click()
    await page.getByText('Saved', { exact: true }).waitFor()
    await legible()
  })

  test('of the dashboard and the tour', async () => {
    await open('/dashboard')
    await page.locator('.tile').first().waitFor()
    await legible()
    await open('/')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await legible()
  })

  test('of a panel, before and after it is paired', async () => {
    const { code } = await rigged().rest('POST', '/auth/devices/pair', { roomId: rigged().rooms.get('Ash'), name: 'A' })
    await open(`/panel#code=${code as string}`)
    await page.getByRole('button', { name: 'Pair', exact: true }).waitFor()
    await legible()
    await page.getByRole('button', { name: 'Pair', exact: true }).click()
    await page.getByRole('heading', { name: 'Ash' }).waitFor()
    await page
      .getByText(/^Reserved|^In use/)
      .first()
      .waitFor()
    await legible()
  })
})

async function open(path: string): Promise<void> {
  await page.goto(`${rigged().network.url}${path}`)
}

async function legible(): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await faintTexts(page), colorScheme).toEqual([])
  }
}

function rigged(): PagesRig {
  if (rig === undefined) throw new Error(NO_BROWSER)
  return rig
}
