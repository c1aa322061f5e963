import type { Locator, Page, ViewportSize } from 'playwright-core'
import type { PagesRig } from './pages-rig.ts'
import { ScreenPart } from './screen-part.ts'

/** A panel beside a door. */
export interface Panel {
  page: Page
  /** The word, until when, and what it is about. */
  state: ScreenPart
  next: ScreenPart
  hours: ScreenPart
  badge: ScreenPart
}

/** Pairs it with its room. `url`: of the installation, as for all of these. */
export async function openPanel(
  rig: PagesRig,
  url: string,
  { name, room, viewport }: { name: string; room: string; viewport: ViewportSize },
): Promise<Panel> {
  const { page } = await rig.tab({ viewport, hasTouch: true })
  const { code } = await rig.rest('POST', '/auth/devices/pair', { roomId: rig.rooms.get(room), name })
  await page.goto(`${url}/panel#code=${code as string}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await page.getByRole('heading', { name: room }).waitFor()
  const part = (what: string, selector: string) => ScreenPart.keep(page, `${name}${what}`, selector)
  return {
    page,
    state: await part('', '[aria-label="State of the room"] p'),
    next: await part(' (next)', '.door-next'),
    hours: await part(' (hours)', '.hours .unseen'),
    badge: await part(' (badge)', '.door-badge'),
  }
}

/** The floor page in the hand of the owner: every room with its state. */
export async function openPhone(rig: PagesRig, url: string): Promise<ScreenPart> {
  const { page } = await rig.tab({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  await page.goto(`${url}/floor`)
  await rig.signIn(page)
  await page.getByText(/rooms free now/).waitFor()
  return ScreenPart.keep(page, 'phone', '.card h3, .card-state p')
}

export interface Dashboard {
  page: Page
  figures: ScreenPart
  tiles: ScreenPart
}

export async function openDashboard(rig: PagesRig, url: string): Promise<Dashboard> {
  const { page } = await rig.tab({ viewport: { width: 1440, height: 900 } })
  await page.goto(`${url}/dashboard`)
  await rig.signIn(page)
  await page.locator('.tile').first().waitFor()
  return {
    page,
    figures: await ScreenPart.keep(page, 'dashboard', '.totals dt, .totals dd'),
    tiles: await ScreenPart.keep(page, 'dashboard (tiles)', '.tile h3, .tile p'),
  }
}

/** Somebody at the page of a meeting. */
export interface Writer {
  page: Page
  title: ScreenPart
  notes: ScreenPart
}

/** `email`: the owner's unless given. */
export async function openWriter(rig: PagesRig, url: string, name: string, email?: string): Promise<Writer> {
  const { page } = await rig.tab()
  await page.goto(url)
  await rig.signIn(page, email)
  await notesOf(page).waitFor()
  return {
    page,
    title: await ScreenPart.keep(page, `${name} (title)`, '[aria-label="Title"]'),
    notes: await ScreenPart.keep(page, `${name} (notes)`, '[aria-label="Notes"]'),
  }
}

export function notesOf(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Notes' })
}
