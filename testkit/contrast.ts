import type { Page } from 'playwright-core'

/**
 * Texts of the page that are hard to read, as `2.9 (4.5): "Save" #777 on #fff button.button-main`: below what WCAG 2.2 AA asks
 * for (1.4.3: 4.5 to 1, or 3 to 1 for large letters). What lies behind a text is what is painted there, also by elements that
 * are not its ancestors; of a gradient its worst colour counts. What is out of use may be faint. One line per pair of colours.
 */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(FAINT_TEXTS)
}

const FAINT_TEXTS = `(() => {
  const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const colours = new Map()
  const rgba = (text) => {
    if (!colours.has(text)) {
      pixel.clearRect(0, 0, 1, 1)
      pixel.fillStyle = text
      pixel.fillRect(0, 0, 1, 1)
      const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data
      colours.set(text, [r, g, b, a / 255])
    }
    return colours.get(text)
  }
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1]
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }
  const hex = (colour) => '#' + colour.slice(0, 3).map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')

  // What an element paints behind its content: its colour, and each colour of its gradients, as layers to choose from.
  const paints = (element) => {
    const { backgroundColor, backgroundImage } = getComputedStyle(element)
    const stops = backgroundImage.match(/(?:rgba?|color|oklab|oklch|hsla?)\\([^()]*\\)/g) ?? []
    return [rgba(backgroundColor), ...stops.map(rgba)].filter(([, , , alpha]) => alpha > 0)
  }
  const opacityOf = (element) => {
    let opacity = 1
    for (let one = element; one !== null; one = one.parentElement) opacity *= Number(getComputedStyle(one).opacity)
    return opacity
  }
  /** All colours that could be behind that element at a point of the window. */
  const behind = (element, x, y) => {
    const root = getComputedStyle(document.documentElement)
    let found = [rgba(root.backgroundColor)[3] > 0 ? rgba(root.backgroundColor) : rgba('Canvas')]
    const stack = document.elementsFromPoint(x, y)
    const at = stack.indexOf(element)
    const ancestors = []
    for (let one = element; one !== null; one = one.parentElement) ancestors.push(one)
    for (const layer of (at === -1 ? ancestors : stack.slice(at)).toReversed()) {
      const layers = paints(layer)
      const faded = opacityOf(layer)
      if (layers.length > 0) {
        found = found.flatMap((below) => {
          const painted = layers.map(([r, g, b, a]) => over([r, g, b, a * faded], below))
          return layers.length > 1 ? [below, ...painted] : painted
        })
      }
    }
    return found
  }

  const faint = new Map()
  const judge = (element, rect, words, colour) => {
    const { fontSize, fontWeight } = getComputedStyle(element)
    const size = parseFloat(fontSize)
    const least = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 3 : 4.5
    const opacity = opacityOf(element)
    for (const ground of behind(element, rect.x + rect.width / 2, rect.y + rect.height / 2)) {
      const [r, g, b, a] = rgba(colour)
      const ink = over([r, g, b, a * opacity], ground)
      const found = ratio(ink, ground)
      if (found >= least - 0.005) continue
      const where = element.tagName.toLowerCase() + [...element.classList].map((name) => '.' + name).join('')
      const key = hex(ink) + ' on ' + hex(ground) + ' ' + where
      if (!faint.has(key)) faint.set(key, found.toFixed(2) + ' (' + least + '): ' + JSON.stringify(words) + ' ' + key)
    }
  }
  const isOut = (element) =>
    element.closest(':disabled, [aria-disabled="true"], [inert]') !== null ||
    !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    getComputedStyle(element).clipPath === 'inset(50%)' ||
    element.closest('.unseen') !== null
  // A modal dialog is all there is while it is open: the rest is dimmed.
  const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body
  const texts = document.createTreeWalker(top, NodeFilter.SHOW_TEXT)
  let judged = 0
  while (texts.nextNode()) {
    const { currentNode: node } = texts
    const element = node.parentElement
    if (node.textContent.trim() === '' || isOut(element)) continue
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
    const range = document.createRange()
    range.selectNodeContents(node)
    const rect = range.getClientRects()[0]
    if (rect === undefined || rect.width === 0) continue
    judge(element, rect, node.textContent.trim().slice(0, 40), getComputedStyle(element).color)
    judged++
  }
  for (const field of top.querySelectorAll('input, textarea, select')) {
    if (isOut(field)) continue
    field.scrollIntoView({ block: 'center', behavior: 'instant' })
    const isEmpty = field.value === '' && field.placeholder
    const style = getComputedStyle(field, isEmpty ? '::placeholder' : null)
    judge(field, field.getBoundingClientRect(), isEmpty || field.value || field.type, style.color)
    judged++
  }
  scrollTo(0, 0)
  // A test that looked at nothing would find nothing.
  return judged === 0 ? ['no text was looked at'] : [...faint.values()]
})()`
