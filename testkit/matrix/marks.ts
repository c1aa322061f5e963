import { APPLICATION_KEY, PASSWORD } from '../api.ts'
import { PEOPLE, PRINCIPALS, type Principal } from './grid.ts'
import { MEETING_READ } from './rules.ts'
import type { Mark, Reader } from './search.ts'
import { spellings } from './search.ts'
import type { Things } from './things.ts'
import { METRICS_TOKEN, type Town } from './town.ts'

const INSIDERS = PEOPLE.filter((who) => who !== 'guest')

/** Words of what people wrote, and who may read it by the rules. */
export function contentMarks(town: Town, things: Things): Mark[] {
  return [...titles(things), ...addresses(town), ...calendars(things), ...places(things)]
}

function titles(things: Things): Mark[] {
  const readers = new Map<string, Set<Reader>>()
  for (const [later, current] of things.planted.titles) {
    for (const word of [later, current]) readers.set(word, new Set([`${word}@guests.example.org`]))
  }
  const allow = (reader: Reader, word: string) =>
    [word, things.planted.titles.get(word) ?? word].forEach((one) => readers.get(one)?.add(reader))
  for (const who of PRINCIPALS) {
    const targets = things.meeting(who)
    for (const [relation, outcome] of Object.entries(MEETING_READ[who])) {
      if (outcome === 'see') allow(who, targets[relation]?.mark as string)
    }
  }
  const { open, foreign } = things.meeting('owner')
  // The panel beside the room shows what the whole organisation may know; who holds a secret address reads the same.
  allow('panel', open?.mark as string)
  allow('holder', open?.mark as string)
  allow('holder', foreign?.mark as string)
  return [...readers].map(([word, allowed]) => ({ word, readers: allowed }))
}

/** Guests see no other person, panels see none at all, the other organisation neither. */
function addresses({ people, host }: Town): Mark[] {
  const own = PEOPLE.map((who) => ({
    word: people[who].email,
    readers: new Set<Reader>([...INSIDERS, who]),
  }))
  return [
    ...own,
    { word: host.email, readers: new Set<Reader>(INSIDERS) },
    { word: people.stranger.email, readers: new Set<Reader>(['stranger']) },
  ]
}

/** A calendar from elsewhere is for its owner only. */
function calendars({ planted }: Things): Mark[] {
  return planted.calendars.flatMap(({ whose, words }) =>
    words.map((word) => ({ word, readers: new Set<Reader>(whose === undefined ? [] : [whose]) })),
  )
}

/** Rooms and floors are no secret inside of an organisation; a panel knows its own room. */
function places(things: Things): Mark[] {
  const { beside, elsewhere, foreign } = things.room('owner')
  const of = (word: string | undefined, ...readers: Principal[]) => ({
    word: word as string,
    readers: new Set<Reader>(readers),
  })
  const named = (['building', 'floor'] as const).flatMap((kind) => {
    const { ours, foreign: theirs } = things[kind]('owner')
    return [of(ours?.mark, ...PEOPLE), of(theirs?.mark, 'stranger')]
  })
  return [
    of(beside?.mark, ...PEOPLE, 'panel'),
    of(elsewhere?.mark, ...PEOPLE, 'otherPanel'),
    of(foreign?.mark, 'stranger'),
    ...named,
  ].map(({ word, readers }) => ({ word, readers: new Set([...readers, 'holder']) }))
}

/** What opens doors, in every spelling: nobody is ever shown it again, and no store and no log holds it. */
export function secretMarks({ people, host, tokens }: Town, things: Things, more: readonly string[]): Mark[] {
  const signedIn = [...PEOPLE, 'stranger' as const].map((who) => people[who])
  const secrets = [
    PASSWORD,
    METRICS_TOKEN,
    ...[...signedIn, host].map(({ refreshToken }) => refreshToken),
    // All access tokens begin alike: what proves them is their last part.
    ...Object.values(tokens).flatMap((token) => token?.split('.').at(-1) ?? []),
    ...things.planted.secrets.map((secret) => secret.split('.').at(-1) as string),
    ...more,
  ]
  const key = Buffer.from(APPLICATION_KEY)
  const words = [...secrets.flatMap(spellings), key.toString('hex'), key.toString('base64url'), key.toString('base64')]
  return [...new Set(words)].map((word) => ({ word, readers: new Set() }))
}
