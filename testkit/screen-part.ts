import type { Page } from 'playwright-core'
import { eventually } from './eventually.ts'

/**
 * What one part of a page says and has said: its text at every change since `keep`, by the page's own clock (which on one
 * machine is everybody's). A text that stood there for a moment only is in it too. A reload ends it.
 */
export class ScreenPart {
  readonly name: string
  readonly #page: Page
  readonly #key: string

  private constructor(page: Page, name: string, key: string) {
    this.#page = page
    this.name = name
    this.#key = key
  }

  /** `selector`: its elements, their texts joined by ` | `. */
  static async keep(page: Page, name: string, selector: string): Promise<ScreenPart> {
    await page.evaluate(`(${KEEP})(${JSON.stringify(selector)})`)
    return new ScreenPart(page, name, selector)
  }

  /** Waits until it says that, among other things; the instant (epoch ms) since when it does without a break. */
  async since(text: string, limitMs?: number): Promise<number> {
    let at = 0
    await eventually(async () => {
      const lines = await this.#lines()
      const before = lines.findLastIndex((line) => !line.text.includes(text))
      at = lines[before + 1]?.at ?? 0
      return at === 0 ? `${this.name} says “${lines.at(-1)?.text}”, not “${text}”` : undefined
    }, limitMs)
    return at
  }

  async now(): Promise<string> {
    return (await this.#lines()).at(-1)?.text ?? ''
  }

  /** Everything it changed to after that instant (epoch ms), in order. */
  async said(after = 0): Promise<string[]> {
    return (await this.#lines()).filter(({ at }) => at > after).map(({ text }) => text)
  }

  #lines(): Promise<Line[]> {
    return this.#page.evaluate(`screenParts[${JSON.stringify(this.#key)}]`)
  }
}

interface Line {
  at: number
  text: string
}

// A field's value changes without a mutation, hence the timer. The names on cursors are nobody's text.
const KEEP = `(selector) => {
  const lines = ((window.screenParts ??= {})[selector] = [])
  const textOf = (element) => {
    if (element.matches('input, textarea')) return element.value
    const copy = element.cloneNode(true)
    for (const cursor of copy.querySelectorAll('.cursor')) cursor.remove()
    return copy.textContent
  }
  const look = () => {
    const text = [...document.querySelectorAll(selector)].map(textOf).join(' | ')
    if (text !== lines.at(-1)?.text) lines.push({ at: Date.now(), text })
  }
  look()
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
  setInterval(look, 10)
}`
