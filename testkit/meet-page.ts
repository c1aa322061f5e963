import type { Locator, Page } from 'playwright-core'
import type { PagesRig } from './pages-rig.ts'

/** Somebody at /meet: the heat-map of tomorrow, where nothing is over. */
export class MeetScreen {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  /** `email`: the owner's unless given. */
  static async open(rig: PagesRig, realtimeId: string, email?: string): Promise<MeetScreen> {
    const { page } = await rig.tab()
    const { url } = await rig.door(realtimeId)
    await page.goto(`${url}/meet`)
    await rig.signIn(page, email)
    await page.getByRole('grid').waitFor()
    const screen = new MeetScreen(page)
    await screen.#goToTomorrow()
    return screen
  }

  /** By keyboard. */
  async add(what: 'person' | 'room', name: string): Promise<void> {
    await this.page.getByRole('combobox', { name: `Add a ${what}` }).fill(name)
    await this.page.getByRole('option', { name }).waitFor()
    await this.page.keyboard.press('Enter')
    await this.page.getByRole('rowheader', { name }).waitFor()
  }

  /** What somebody's quarter that begins then says: `free`, `busy`. */
  cell(who: string, time: string, says?: string): Locator {
    const name = new RegExp(`^${who}, ${time}(?:, .*)?: ${says ?? '.*'}$`)
    return this.page.getByRole('gridcell', { name })
  }

  async drag(from: Locator, to: Locator): Promise<void> {
    await this.press(from)
    await this.pull(to)
    await this.page.mouse.up()
  }

  async press(cell: Locator): Promise<void> {
    const { x, y } = await middleOf(cell)
    await this.page.mouse.move(x, y)
    await this.page.mouse.down()
  }

  async pull(to: Locator): Promise<void> {
    const { x, y } = await middleOf(to)
    await this.page.mouse.move(x, y, { steps: 8 })
  }

  /** What a row says to the block. */
  verdict(name: string): Locator {
    return this.page.getByRole('rowheader', { name }).locator('.verdict')
  }

  get hold(): Locator {
    return this.page.getByRole('region', { name: 'Your hold' })
  }

  /** One's own calendar, the same day. */
  async openCalendar(): Promise<void> {
    await this.page.getByRole('link', { name: 'My calendar' }).click()
    await this.page.getByRole('button', { name: 'Day', exact: true }).click()
    await this.#goToTomorrow()
  }

  entry(words: string | RegExp): Locator {
    return this.page.getByRole('button', { name: words })
  }

  async #goToTomorrow(): Promise<void> {
    await this.page.getByRole('button', { name: 'Today', exact: true }).click()
    await this.page.getByRole('button', { name: 'Next day' }).click()
  }
}

async function middleOf(cell: Locator): Promise<{ x: number; y: number }> {
  const box = await cell.boundingBox()
  if (box === null) throw new Error('the cell is not on the screen')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
