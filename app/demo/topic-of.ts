import type { Topic } from './office.ts'
import type { DemoPerson } from './people.ts'
import type { Random } from './random.ts'
import { type MeetingKind, WORDS } from './titles.ts'

/** Title and text of a meeting of that kind; some are tentative, some are nobody else's business. */
export function topicOf(
  random: Random,
  kind: MeetingKind,
  organizer: DemoPerson,
  others: readonly DemoPerson[],
): Topic {
  const words: Record<string, string> = {
    project: random.pick(WORDS.project),
    customer: random.pick(WORDS.customer),
    role: random.pick(WORDS.role),
    team: organizer.department,
    me: organizer.firstName,
    you: others[0]!.firstName,
  }
  const title = random.pick(kind.titles).replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? word)
  const { descriptions = [], privacy = 0.02 } = kind
  return {
    title,
    description: random.pick(['', ...descriptions]),
    status: random.chance(0.06) ? 'tentative' : 'confirmed',
    visibility: random.chance(privacy) ? random.pick(['participants', 'busy_only'] as const) : 'organization',
  }
}
