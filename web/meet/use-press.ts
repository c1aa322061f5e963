import { useEffect, useRef } from 'preact/hooks'

/** How a thing that one presses is taken in hand. */
export interface PressOptions<T> {
  /** What is pressed there; undefined: nothing that can be taken. */
  takeAt: (event: PointerEvent) => T | undefined
  /** A mouse or pen has it in hand as soon as it moved that far, CSS pixels; 0: at once. */
  slackPx: number
  onLift: (taken: T) => void
  onMove: (taken: T, event: PointerEvent) => void
  onDrop: (taken: T) => void
  /** It was in hand, and the browser took the pointer away. */
  onCancel: () => void
  /** A finger that came and went without resting. */
  onTap?: (taken: T) => unknown
}

interface Press<T> {
  taken: T
  event: PointerEvent
  box: Element
  isLifted: boolean
  /** Runs while a finger has not rested long enough. */
  timer: ReturnType<typeof setTimeout> | undefined
  /** Ends what was begun for this press alone. */
  over: AbortController
}

/** Shorter than the 500 ms after which phones open their own menu, longer than the beginning of a scroll. */
const REST_MS = 400
/** A finger that rests is never quite still. */
const FINGER_PX = 8

/**
 * Dragging by mouse, pen or finger. A finger that moves at once scrolls the page; one that rests takes what is below it, and
 * then nothing scrolls. Invariant: there is one press at a time, and what was lifted is dropped or cancelled.
 */
export function usePress<T>(options: PressOptions<T>) {
  const press = useRef<Press<T> | undefined>(undefined)
  const latest = useRef(options)
  latest.current = options
  useEffect(() => () => end(), [])

  const end = () => {
    clearTimeout(press.current?.timer)
    press.current?.over.abort()
    press.current = undefined
  }
  const lift = (current: Press<T>) => {
    current.isLifted = true
    clearTimeout(current.timer)
    // What is lifted may be drawn elsewhere: the box hears of the pointer all the same.
    current.box.setPointerCapture(current.event.pointerId)
    latest.current.onLift(current.taken)
  }
  const liftByFinger = (current: Press<T>) => {
    lift(current)
    navigator.vibrate?.(10)
  }
  /** The touch goes to where it began, even when that is not in the page any more. */
  const keepFromScrolling = ({ event, over }: Press<T>) =>
    event.target?.addEventListener('touchmove', holdStill, { passive: false, signal: over.signal })
  const holdStill = (event: Event) => {
    if (press.current?.isLifted && event.cancelable) event.preventDefault()
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      if (press.current !== undefined || !event.isPrimary || event.button !== 0) return
      const taken = options.takeAt(event)
      if (taken === undefined) return
      const box = event.currentTarget as Element
      const current: Press<T> = { taken, event, box, isLifted: false, timer: undefined, over: new AbortController() }
      press.current = current
      if (event.pointerType === 'touch') {
        keepFromScrolling(current)
        current.timer = setTimeout(() => liftByFinger(current), REST_MS)
      } else if (options.slackPx === 0) {
        lift(current)
      }
    },
    onPointerMove: (event: PointerEvent) => {
      const { current } = press
      if (current === undefined || current.event.pointerId !== event.pointerId) return
      const isFinger = event.pointerType === 'touch'
      const distance = Math.hypot(event.clientX - current.event.clientX, event.clientY - current.event.clientY)
      if (!current.isLifted) {
        if (distance < (isFinger ? FINGER_PX : options.slackPx)) return
        if (isFinger) return end()
        lift(current)
      }
      options.onMove(current.taken, event)
    },
    onPointerUp: (event: PointerEvent) => {
      const { current } = press
      if (current === undefined || current.event.pointerId !== event.pointerId) return
      end()
      if (current.isLifted) options.onDrop(current.taken)
      else if (event.pointerType === 'touch') options.onTap?.(current.taken)
    },
    onPointerCancel: () => {
      const wasLifted = press.current?.isLifted === true
      end()
      if (wasLifted) options.onCancel()
    },
    // Browsers ask at the touch's start whether anybody could want to hold it.
    onTouchMove: holdStill,
    onContextMenu: (event: Event) => {
      if (press.current?.event.pointerType === 'touch') event.preventDefault()
    },
  }
}
