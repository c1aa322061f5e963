import type { ComponentChildren } from 'preact'

/** Small line drawings beside a word; the word says it, so a screen reader passes over the drawing. */
function Drawing({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

export function SeatIcon() {
  return (
    <Drawing>
      <circle cx="8" cy="5" r="2.5" />
      <path d="M3 14c0-3 2.2-4.5 5-4.5s5 1.5 5 4.5" />
    </Drawing>
  )
}

/** For the usual kinds of equipment; a kind nobody thought of has its word alone. */
export function EquipmentIcon({ name }: { name: string }) {
  const path = DRAWINGS.find(([words]) => words.test(name))?.[1]
  if (path === undefined) return null
  return (
    <Drawing>
      <path d={path} />
    </Drawing>
  )
}

const DRAWINGS: [words: RegExp, path: string][] = [
  [/whiteboard|flip|board/i, 'M2 3h12v8H2zM8 11v3M5 14h6M4.5 8l2-2 1.5 1.5L11 5'],
  [/video|camera|webcam/i, 'M2 4.5h8v7H2zM10 7.5l4-2.5v6l-4-2.5'],
  [/phone|audio|speaker|conference/i, 'M3 6v4h2.5L9 13V3L5.5 6zM11.5 5.5c1.4 1.4 1.4 3.6 0 5'],
  [/projector|beamer/i, 'M2 5h12v6H2zM4 11v2M12 11v2M11 8a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0'],
  [/display|screen|tv|monitor/i, 'M2 3h12v8H2zM8 11v2.5M5 13.5h6'],
  [/hearing|loop|accessib|step|wheel/i, 'M8 2.5v7h4l1.5 4M8 5.5h3.5M6.5 8a3.5 3.5 0 1 0 4 4.5'],
]
