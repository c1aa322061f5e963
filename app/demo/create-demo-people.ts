import { createPeopleStore } from '../../db/people/people-tx.ts'
import { createUser } from '../../domain/people/create-user.ts'
import type { PeopleDeps } from '../../domain/people/ports.ts'
import { ok } from '../../domain/result.ts'
import { type DemoLoad, forEach, requireOk } from './loading.ts'
import { existingIds } from './existing-ids.ts'
import type { DemoPerson } from './people.ts'

/** Everybody who is missing, each with a login of that password. The owner makes all of them, the owner too. */
export async function createDemoPeople(load: DemoLoad, people: readonly DemoPerson[], password: string): Promise<void> {
  const existing = await existingIds(load, 'users')
  const owner = load.actorOf(people[0]!)
  // One hash for all: sixty would take seconds.
  const hash = requireOk(await load.passwords.hash(password), 'The password')
  const passwords = { ...load.passwords, hash: async () => ok(hash) }
  const store = createPeopleStore(load)
  await forEach(
    people.filter(({ id }) => !existing.has(id)),
    async (person) => {
      const deps = { now: load.now, newId: () => person.id, passwords, ...withHours(store, person) }
      const { id: _, workingHours: __, ...given } = person
      requireOk(await createUser(deps, owner, { ...given, password }), person.email)
    },
  )
}

/** Nobody can say working hours to the command yet; here every person comes with his or her own. */
function withHours(store: Pick<PeopleDeps, 'transact'>, { workingHours }: DemoPerson): Pick<PeopleDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      store.transact(actor, now, (tx) => work({ ...tx, insert: (user) => tx.insert({ ...user, workingHours }) })),
  }
}
