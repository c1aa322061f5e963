import type { Answer, Page, Room, User } from '../client/contract.ts'
import type { Rest } from '../client/rest.ts'
import { zoneWords } from '../client/zone.ts'
import { DURATIONS, MAX_ROWS, type Plan, isFull, nameOf, withOptional, withPerson, withRoom, without } from './plan.ts'
import { SearchBox } from './search-box.tsx'

interface PlanBarProps {
  rest: Rest
  plan: Plan
  /** All rooms there are, by name. */
  rooms: Answer<readonly Room[]>
  now: number
  onChange: (plan: Plan) => void
}

/** Who, where and how long. */
export function PlanBar({ rest, plan, rooms, now, onChange }: PlanBarProps) {
  return (
    <section class="plan" aria-label="Who, where and how long">
      <div class="plan-part">
        <h2>People</h2>
        <ul class="chips" aria-label="People">
          {plan.invited.map(({ person, isOptional }) => (
            <li key={person.id} class="chip">
              <span class="chip-name">{nameOf(person)}</span>
              <button
                type="button"
                class="chip-option"
                data-optional={isOptional}
                aria-label={`${nameOf(person)}: ${isOptional ? 'optional, make required' : 'required, make optional'}`}
                onClick={() => onChange(withOptional(plan, person.id, !isOptional))}
              >
                {isOptional ? 'optional' : 'required'}
              </button>
              <Remove name={nameOf(person)} onClick={() => onChange(without(plan, person.id))} />
            </li>
          ))}
        </ul>
        <SearchBox<User>
          label="Add a person"
          placeholder="Add a person…"
          find={(text) => findPeople(rest, text, plan)}
          keyOf={({ id }) => id}
          wordsOf={(user) => ({ name: nameOf(user), note: zoneWords(user.timezone, now) })}
          onPick={(user) => onChange(withPerson(plan, user))}
        />
      </div>
      <div class="plan-part">
        <h2>Rooms</h2>
        <ul class="chips" aria-label="Rooms">
          {plan.rooms.map((room) => (
            <li key={room.id} class="chip">
              <span class="chip-name">{room.name}</span>
              <Remove name={room.name} onClick={() => onChange(without(plan, room.id))} />
            </li>
          ))}
        </ul>
        <SearchBox<Room>
          label="Add a room"
          placeholder="Add a room…"
          find={async (text) => findRooms(rooms, text, plan)}
          keyOf={({ id }) => id}
          wordsOf={({ name, capacity, equipment }) => ({ name, note: [`${capacity} seats`, ...equipment].join(', ') })}
          onPick={(room) => onChange(withRoom(plan, room))}
        />
        {plan.rooms.length !== 1 && (
          <label class="plan-any small">
            <input
              type="checkbox"
              checked={plan.isAnyRoom}
              onChange={(event) => onChange({ ...plan, isAnyRoom: event.currentTarget.checked })}
            />{' '}
            {plan.rooms.length === 0 ? 'Any room with seats for all' : 'Any one of these is enough'}
          </label>
        )}
      </div>
      <div class="plan-part plan-length">
        <h2 id="plan-length">Length</h2>
        <select
          class="select"
          aria-labelledby="plan-length"
          value={plan.minutes}
          onChange={(event) => onChange({ ...plan, minutes: Number(event.currentTarget.value) })}
        >
          {lengthsWith(plan.minutes).map((minutes) => (
            <option key={minutes} value={minutes}>
              {minutes} min
            </option>
          ))}
        </select>
      </div>
      <p class="plan-full small" role="status">
        {isFull(plan) && `More than ${MAX_ROWS} people and rooms are not looked at together.`}
      </p>
    </section>
  )
}

/** A hold or a suggestion may be of another length than those one chooses from. */
function lengthsWith(minutes: number): number[] {
  return [...new Set([...DURATIONS, minutes])].toSorted((a, b) => a - b)
}

/** The focus goes on to the next chip, or to the field that adds one. */
function Remove({ name, onClick }: { name: string; onClick: () => void }) {
  const remove = ({ currentTarget }: { currentTarget: HTMLElement }) => {
    const chip = currentTarget.closest('.chip')
    const next = chip?.nextElementSibling ?? chip?.previousElementSibling
    const field = chip?.closest('.plan-part')?.querySelector<HTMLElement>('[role="combobox"]')
    ;(next?.querySelector<HTMLElement>('.chip-remove') ?? field)?.focus()
    onClick()
  }
  return (
    <button type="button" class="chip-remove" aria-label={`Remove ${name}`} onClick={remove}>
      ×
    </button>
  )
}

/** The server finds by the start of a first or last name; whoever types both means both. */
async function findPeople(rest: Rest, text: string, { invited }: Plan): Promise<Answer<User[]>> {
  const taken = new Set(invited.map(({ person }) => person.id))
  const [first = '', ...more] = text.split(/\s+/)
  const answer = await rest.get<Page<User>>(`/users?limit=50&q=${encodeURIComponent(first)}`)
  const fits = (user: User) => more.every((word) => nameOf(user).toLowerCase().includes(word.toLowerCase()))
  if (!answer.ok) return answer
  const found = answer.value.items.filter((user) => !taken.has(user.id) && user.role !== 'panel' && fits(user))
  return { ok: true, value: found }
}

function findRooms(rooms: Answer<readonly Room[]>, text: string, plan: Plan): Answer<readonly Room[]> {
  if (!rooms.ok) return rooms
  const taken = new Set(plan.rooms.map(({ id }) => id))
  const wanted = text.toLowerCase()
  const found = rooms.value.filter(({ id, name, equipment }) => {
    const words = [name, ...equipment].join(' ').toLowerCase()
    return !taken.has(id) && words.includes(wanted)
  })
  return { ok: true, value: found }
}
