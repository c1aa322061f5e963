/** What a screen reader or a narrow screen would stumble over, as an expression for the page: a list of sentences. */
export const FLAWS = `(() => {
  const flaws = []
  const { scrollWidth } = document.documentElement
  if (scrollWidth > innerWidth) flaws.push('cut off by ' + (scrollWidth - innerWidth))
  const nameOf = (e) => (e.getAttribute('aria-label') ?? (e.labels?.[0] ?? e).textContent).trim() ||
    document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.trim()
  for (const e of document.querySelectorAll('button, a[href], input, select, [role=gridcell], [role=grid]')) {
    if (!nameOf(e)) flaws.push('no name: ' + e.outerHTML.slice(0, 80))
  }
  for (const grid of document.querySelectorAll('[role=grid]')) {
    const stops = grid.querySelectorAll('[tabindex="0"]').length
    if (stops !== 1) flaws.push(stops + ' stops in the grid')
    for (const row of grid.querySelectorAll('[role=row]')) {
      if (row.querySelector('[role=rowheader]') === null) flaws.push('a row without a header')
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
  for (const id of ids) if (ids.filter((one) => one === id).length > 1) flaws.push('twice: ' + id)
  for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby], [aria-controls]')) {
    for (const name of ['aria-describedby', 'aria-labelledby', 'aria-controls']) {
      const id = e.getAttribute(name)
      if (id && !document.getElementById(id)) flaws.push(name + ' leads nowhere: ' + id)
    }
  }
  return flaws
})()`
