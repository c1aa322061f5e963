import type { CDPSession, Locator, Page } from 'playwright-core'

export interface Point {
  x: number
  y: number
}

/** A finger on the glass of a page: real touches, of which the browser makes scrolls, taps and pointer events itself. */
export class Finger {
  readonly #page: Page
  readonly #session: CDPSession
  #at: Point = { x: 0, y: 0 }

  private constructor(page: Page, session: CDPSession) {
    this.#page = page
    this.#session = session
  }

  /** The page's context has to have touch. */
  static async on(page: Page): Promise<Finger> {
    return new Finger(page, await page.context().newCDPSession(page))
  }

  async down(at: Point): Promise<void> {
    this.#at = at
    await this.#send('touchStart', [at])
  }

  /** In steps, as fingers go. */
  async slide(to: Point): Promise<void> {
    const from = this.#at
    for (let step = 1; step <= STEPS; step++) {
      const part = step / STEPS
      this.#at = { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) }
      await this.#send('touchMove', [this.#at])
    }
  }

  async tap(at: Point): Promise<void> {
    await this.down(at)
    await this.#send('touchEnd', [])
  }

  /** At rest before it goes: the page is not flung. */
  async up(): Promise<void> {
    await this.#page.evaluate(FRAMES)
    await this.#send('touchEnd', [])
  }

  #send(type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]): Promise<unknown> {
    return this.#session.send('Input.dispatchTouchEvent', { type, touchPoints })
  }
}

const STEPS = 12
/** Browsers look at the last 40 ms of a movement. */
const FRAMES = `(async () => { for (let i = 0; i < 6; i++) await new Promise(requestAnimationFrame) })()`

// The glass knows of a scroll only when it was drawn.
const CENTRE = `async (element) => {
  element.scrollIntoView({ block: 'center' })
  for (let still = 0, before; still < 10; before = scrollY) {
    await new Promise(requestAnimationFrame)
    still = scrollY === before ? still + 1 : 0
  }
}`

/** Where its middle is in the window, after it was scrolled to the window's middle, as far as can be, and the page has come to rest. */
export async function middleOf(target: Locator): Promise<Point> {
  await target.evaluate(CENTRE)
  const box = await target.boundingBox()
  if (box === null) throw new Error('it is not on the screen')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
