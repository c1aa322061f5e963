import type { Meeting } from '../client/contract.ts'
import { responseWords } from '../client/response-words.ts'
import { MAX_NAMED } from '../ui/use-names.ts'
import type { Present } from './presence.ts'

interface PeoplePartProps {
  meeting: Meeting
  names: ReadonlyMap<string, string>
  present: readonly Present[]
}

/** Who was asked to come, and what they said. */
export function PeoplePart({ meeting: { organizer, participants }, names, present }: PeoplePartProps) {
  const here = new Set(present.map(({ key }) => key))
  const invited = participants.filter(({ userId }) => userId === undefined || userId !== organizer?.id)
  const more = invited.length - MAX_NAMED
  return (
    <section class="part" aria-labelledby="people-title">
      <h2 id="people-title">People</h2>
      <ul class="people">
        {organizer && <Person name={names.get(organizer.id) ?? ''} words="organizes" isHere={here.has(organizer.id)} />}
        {invited.slice(0, MAX_NAMED).map(({ userId, email, role, response }) => (
          <Person
            key={userId ?? email}
            name={email ?? names.get(userId ?? '') ?? 'Somebody'}
            words={[role === 'optional' ? 'optional' : '', responseWords(response)].filter(Boolean).join(', ')}
            isHere={userId !== undefined && here.has(userId)}
          />
        ))}
      </ul>
      {more > 0 && <p class="soft small">and {more} more</p>}
    </section>
  )
}

function Person({ name, words, isHere }: { name: string; words: string; isHere: boolean }) {
  return (
    <li data-here={isHere}>
      <span>{name}</span>
      <span class="soft small">
        {' '}
        {words}
        {isHere && ', here'}
      </span>
    </li>
  )
}
