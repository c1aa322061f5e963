import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import { type Span, STEP_MINUTES } from './day-axis.ts'
import { hasChoice } from './plan-standing.ts'
import type { Plan } from './plan.ts'
import type { Suggested } from './shapes.ts'
import type { Subjects } from './subjects.ts'

/** Every change of anybody's time may change them: asked again at most this often. */
const PACE_MS = 2_000
const LIMIT = 5

interface Seen {
  /** What was asked. */
  key: string
  suggested?: Suggested
  problem?: Problem
}

/**
 * What would work for this plan in the window, asked anew when the plan or somebody's time has changed. Suggestions for another plan
 * than the present one are not shown.
 */
export function useSuggestions(rest: Rest, plan: Plan, { start, end }: Span, subjects: Subjects): Omit<Seen, 'key'> {
  const [seen, setSeen] = useState<Seen>()
  const asked = useRef({ at: 0, key: '' })
  const body = bodyOf(plan, { start, end })
  const key = JSON.stringify(body) ?? ''
  useEffect(() => {
    // Also in a week that is over.
    if (body === undefined) return
    const wait = key === asked.current.key ? Math.max(0, asked.current.at + PACE_MS - Date.now()) : 0
    const timer = setTimeout(() => {
      const at = Date.now()
      asked.current = { at, key }
      void rest.post<Suggested>('/calendar/suggestions', body, newKey()).then((answer) => {
        if (asked.current.at !== at || asked.current.key !== key) return
        setSeen({ key, ...(answer.ok ? { suggested: answer.value } : { problem: answer.problem }) })
      })
    }, wait)
    return () => clearTimeout(timer)
  }, [key, subjects])
  return seen?.key === key ? seen : {}
}

function bodyOf(plan: Plan, { start, end }: Span): object | undefined {
  const { invited, minutes } = plan
  const idsOf = (isOptional: boolean) =>
    invited.filter((one) => one.isOptional === isOptional).map(({ person }) => person.id)
  const from = Math.max(start, Math.ceil(Date.now() / QUARTER_MS) * QUARTER_MS)
  if (invited.length === 0 || from >= end) return undefined
  return {
    durationMinutes: minutes,
    window: { from: new Date(from).toISOString(), to: new Date(end).toISOString() },
    required: idsOf(false),
    optional: idsOf(true),
    ...roomsOf(plan),
    granularityMinutes: STEP_MINUTES,
    limit: LIMIT,
  }
}

function roomsOf(plan: Plan): object {
  const { rooms, isAnyRoom, invited } = plan
  if (rooms.length === 0) return isAnyRoom ? { rooms: { capacity: invited.length } } : {}
  return { rooms: { anyOf: rooms.map(({ id }) => id), count: hasChoice(plan) ? 1 : rooms.length } }
}

const QUARTER_MS = STEP_MINUTES * 60_000
