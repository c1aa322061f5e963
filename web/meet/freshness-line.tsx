import { momentWords } from '../client/span-words.ts'
import { type Plan, nameIn } from './plan.ts'
import type { Subject, Subjects } from './subjects.ts'

interface FreshnessLineProps {
  plan: Plan
  subjects: Subjects
  now: number
  zone: string
}

/** What is followed live goes without saying. */
const OLD_MS = 60_000

/** How old what comes from other calendars is: `Calendar of Ana: as of 10:42`. */
export function FreshnessLine({ plan, subjects, now, zone }: FreshnessLineProps) {
  const lines = [...subjects.values()].flatMap((subject) => linesOf(subject, nameIn(plan, subject.id), now, zone))
  return lines.length === 0 ? null : (
    <ul class="freshness small soft figures" aria-label="How fresh other calendars are">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

function linesOf({ sources }: Subject, name: string, now: number, zone: string): string[] {
  return sources.flatMap(({ freshAsOf }) => {
    if (freshAsOf === null) return [`Calendar of ${name}: not read yet`]
    const at = Date.parse(freshAsOf)
    return now - at > OLD_MS ? [`Calendar of ${name}: as of ${momentWords(at, now, zone)}`] : []
  })
}
