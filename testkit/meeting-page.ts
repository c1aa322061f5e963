import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** What the page promises: others see it within a second. */
export const PROMISED_MS = 1_000

export function titleOf(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Title' })
}

export function notesOf(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Notes' })
}

export function peopleOf(page: Page): Locator {
  return page.getByRole('list', { name: 'Here now' })
}

/**
 * Puts the caret at one end of the notes, where it is to stay: the editor sets one of its own a moment after it got the focus,
 * and hears of the browser's in a later turn. A person's keys come after both.
 */
export async function goTo(page: Page, end: 'Home' | 'End'): Promise<void> {
  await notesOf(page).focus()
  let stays = 0
  const press = async () => {
    await page.keyboard.press(`Control+${end}`)
    const isThere = await page.evaluate(`(() => {
      const { anchorNode, anchorOffset } = getSelection()
      const rest = document.createRange()
      rest.selectNodeContents(document.querySelector('.notes-text'))
      rest.set${end === 'Home' ? 'End' : 'Start'}(anchorNode, anchorOffset)
      const content = rest.cloneContents()
      for (const cursor of content.querySelectorAll('.cursor')) cursor.remove()
      return content.textContent === ''
    })()`)
    stays = isThere === true ? stays + 1 : 0
    return stays
  }
  await expect.poll(press, { interval: 40 }).toBeGreaterThanOrEqual(3)
}

/** Within what is promised. */
export async function shows(where: Locator, text: string | RegExp): Promise<void> {
  await where.filter({ hasText: text }).first().waitFor({ timeout: PROMISED_MS })
}

export async function saved(page: Page): Promise<void> {
  await page.getByText('Saved', { exact: true }).waitFor()
}

/** Without the names on cursors. */
export function textOf(page: Page): Promise<string> {
  return page.evaluate(`(() => {
    const copy = document.querySelector('.notes-text').cloneNode(true)
    for (const cursor of copy.querySelectorAll('.cursor')) cursor.remove()
    return copy.textContent
  })()`)
}

/** Of the items of a list, in order. */
export function itemsOf(list: Locator): Promise<string[]> {
  return list
    .locator('.item-text')
    .evaluateAll((fields) => fields.map((field) => (field as { value?: string }).value ?? ''))
}
