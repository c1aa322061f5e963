import { expect, test } from 'vitest'
import { type Plan, planOf, withPerson } from './plan.ts'
import { changeWords, relaxed } from './relaxation.ts'
import type { Relaxation } from './shapes.ts'

const person = (id: string, firstName: string) => ({ id, firstName, lastName: 'Lee', timezone: 'UTC' })
const wanted = withPerson(planOf(person('ana', 'Ana')), person('ben', 'Ben'))
const plan: Plan = { ...wanted, invited: wanted.invited.map((one, i) => ({ ...one, isOptional: i === 1 })) }
const ZONE = 'Europe/Berlin'

test.each([
  [{ kind: 'without_person', userId: 'ana' }, 'Without Ana Lee'],
  [{ kind: 'without_person', userId: 'ben' }, 'Without optional Ben Lee'],
  [{ kind: 'without_people', userIds: ['ana', 'ben'] }, 'Without Ana Lee and Ben Lee'],
  [{ kind: 'shorter', durationMinutes: 15 }, '15 instead of 30 minutes'],
  [{ kind: 'wider_window', to: '2026-11-30T23:00:00Z' }, 'Until Mon 30 Nov'],
  [{ kind: 'outside_working_hours' }, 'Outside of working hours'],
])('%j reads: %s', (change, words) => {
  expect(changeWords({ change, slots: 6, sentence: 'Outside of working hours: 6 slots.' }, plan, ZONE)).toBe(words)
})

test('a way that is taken changes that alone; one that the plan has no word for cannot be taken', () => {
  const take = (change: Relaxation['change']) => relaxed({ change, slots: 1, sentence: '' }, plan, ZONE)
  expect(take({ kind: 'without_person', userId: 'ben' })?.plan.invited).toEqual(plan.invited.slice(0, 1))
  expect(take({ kind: 'without_people', userIds: ['ana', 'ben'] })?.plan.invited).toEqual([])
  expect(take({ kind: 'shorter', durationMinutes: 15 })).toEqual({ plan: { ...plan, minutes: 15 } })
  expect(take({ kind: 'wider_window', to: '2026-11-30T23:00:00Z' })).toEqual({ plan, date: '2026-11-30' })
  expect(take({ kind: 'without_room' })).toEqual({ plan: { ...plan, rooms: [], isAnyRoom: false } })
  for (const kind of ['outside_working_hours', 'without_group']) expect(take({ kind })).toBeUndefined()
})
