import { expect, test } from 'vitest'
import type { BusyKind, SubjectText } from './shapes.ts'
import { foldSubjects, freeCounts, judge, levelOf, subjectsOf, summaryOf } from './subjects.ts'

const at = (time: string) => `2026-11-24T${time}:00Z`
const span = (from: string, until: string) => ({ start: Date.parse(at(from)), end: Date.parse(at(until)) })

function person(id: string, busy: [from: string, until: string, kind: BusyKind][] = []): SubjectText {
  return {
    id,
    kind: 'person',
    timezone: 'UTC',
    busy: busy.map(([from, until, kind]) => ({ start: at(from), end: at(until), kind })),
    working: [
      { start: at('09:00'), end: at('12:00') },
      { start: at('12:00'), end: at('17:00') },
    ],
    sources: [],
  }
}

function room(id: string): SubjectText {
  return { ...person(id), kind: 'room', working: null }
}

test.each([
  ['10:00', '10:30', 'busy'],
  ['09:30', '10:00', 'free'],
  ['11:30', '12:30', 'free'],
  ['16:45', '17:15', 'outside_hours'],
  ['14:00', '14:30', 'hold'],
  ['15:00', '15:30', 'absent'],
] as const)('from %s to %s somebody is %s', (from, until, word) => {
  const subjects = subjectsOf({
    subjects: [
      person('ana', [
        ['10:00', '11:00', 'busy'],
        ['10:15', '10:30', 'tentative'],
        ['14:00', '15:00', 'hold'],
        ['15:00', '16:00', 'absent'],
        ['15:00', '16:00', 'tentative'],
      ]),
    ],
  })
  expect(judge(subjects.get('ana'), span(from, until))).toBe(word)
})

test('of whom nothing is known it is said so', () => {
  expect(judge(undefined, span('10:00', '11:00'))).toBe('unknown')
})

test('news replaces what it names, within its window, and keeps everything else as it is', () => {
  const day = person('ben', [
    ['09:00', '10:00', 'busy'],
    ['11:00', '12:00', 'busy'],
    ['14:00', '15:00', 'hold'],
  ])
  const before = subjectsOf({ subjects: [person('ana'), day] })
  const { busy } = person('ben', [['10:30', '12:00', 'tentative']])
  const window = { from: at('10:30'), to: at('12:00') }
  const after = foldSubjects(before, { subjects: [{ id: 'ben', kind: 'person', window, busy }] })
  expect(after.get('ana')).toBe(before.get('ana'))
  const ben = after.get('ben')
  expect(ben).toEqual({ ...before.get('ben'), busy: ben?.busy })
  expect(ben?.busy.map(({ start, kind }) => `${new Date(start).toISOString().slice(11, 16)} ${kind}`)).toEqual([
    '09:00 busy',
    '10:30 tentative',
    '14:00 hold',
  ])
  const moved = foldSubjects(after, {
    subjects: [{ id: 'ben', kind: 'person', timezone: 'Asia/Tokyo', working: null }],
  })
  expect(moved.get('ben')).toEqual({ ...ben, zone: 'Asia/Tokyo', working: null })
  expect(foldSubjects(moved, { subjects: [{ id: 'eve', kind: 'person', busy: [] }] })).toEqual(moved)
})

test('free together means every room, too; a room alone is nobody', () => {
  const known = subjectsOf({ subjects: [person('ana'), person('ben', [['10:00', '11:00', 'busy']]), room('oak')] })
  const columns = ['08:00', '10:00', '11:00'].map((time) => Date.parse(at(time)))
  const counts = freeCounts([...known.values()], columns, 900_000)
  expect(counts).toEqual([
    { people: 0, isAll: false },
    { people: 1, isAll: false },
    { people: 2, isAll: true },
  ])
  expect(counts.map((count) => levelOf(count, 2))).toEqual([0, 2, 4])
})

test('a summary names who is not free, and not everybody of a crowd', () => {
  const verdict = (id: string, word: 'free' | 'busy') => ({ id, verdict: word, reason: '' })
  const say = (words: Parameters<typeof summaryOf>[0]) => summaryOf(words, (id) => id.toUpperCase())
  expect(say([verdict('a', 'free'), verdict('b', 'free')])).toBe('Free for all 2.')
  expect(say([verdict('a', 'busy'), verdict('b', 'free')])).toBe('A busy.')
  const crowd = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => verdict(id, 'busy'))
  expect(say(crowd)).toBe('A busy, B busy, C busy, D busy and 2 more.')
})
