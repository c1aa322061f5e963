import type { z } from 'zod'
import type { Parts } from '../../domain/availability/suggestions/scoring.ts'
import { type suggestionsAnswer, suggestionsBody, suggestionsView } from '../rest/suggestions.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { Source } from './availability.ts'
import { builder } from './builder.ts'
import { RecurrenceInput } from './meeting-commands.ts'
import { given } from './refused.ts'

type View = z.output<typeof suggestionsAnswer>
type Slot = View['slots'][number]

const PARTS = ['attendance', 'comfort', 'fairness', 'fragmentation', 'soonness', 'roomFit'] as const

const PartsType = builder.objectRef<Parts>('SuggestionParts').implement({
  description: 'What a score is made of; each 0 to 1, 1 the best.',
  fields: (t) => Object.fromEntries(PARTS.map((name) => [name, t.float({ resolve: (parts) => parts[name] })])),
})

const SuggestedSlotType = builder.objectRef<Slot>('SuggestedSlot').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    roomIds: t.exposeIDList('roomIds'),
    score: t.exposeFloat('score'),
    present: t.idList({ resolve: ({ attendance }) => attendance.present }),
    absent: t.idList({ resolve: ({ attendance }) => attendance.absent }),
    reasons: t.exposeStringList('reasons'),
    parts: t.expose('parts', { type: PartsType }),
  }),
})

const BlockerType = builder.objectRef<NonNullable<View['blocking']>[number]>('SuggestionBlocker').implement({
  description: 'One of those of which at least one is in the way of every start.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'person, group, rooms, recurrence or window' }),
    userId: t.exposeID('userId', { nullable: true }),
    group: t.exposeInt('group', { nullable: true }),
    roomId: t.exposeID('roomId', { nullable: true }),
    sentence: t.exposeString('sentence'),
  }),
})

const RelaxationType = builder.objectRef<NonNullable<View['relaxations']>[number]>('SuggestionRelaxation').implement({
  fields: (t) => ({
    change: t.field({ type: 'JSON', resolve: ({ change }) => change }),
    slots: t.exposeInt('slots', { description: 'How many there would be.' }),
    sentence: t.exposeString('sentence'),
  }),
})

const SuggestionsType = builder.objectRef<View>('Suggestions').implement({
  fields: (t) => ({
    slots: t.expose('slots', { type: [SuggestedSlotType], description: 'The best, best first.' }),
    total: t.exposeInt('total', { description: 'How many there are, beyond the limit too.' }),
    blocking: t.field({ type: [BlockerType], resolve: ({ blocking }) => blocking ?? [] }),
    relaxations: t.field({
      type: [RelaxationType],
      description: 'Where nothing fits: what would help, the smallest change first.',
      resolve: ({ relaxations }) => relaxations ?? [],
    }),
    sources: t.expose('sources', { type: [Source] }),
  }),
})

const WindowInput = builder.inputType('SuggestionWindowInput', {
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true }),
    to: t.field({ type: 'DateTime', required: true }),
  }),
})

const GroupInput = builder.inputType('SuggestionGroupInput', {
  description: 'Either `allOf`, or at least `kOf` of `userIds`.',
  fields: (t) => ({ kOf: t.int(), userIds: t.idList(), allOf: t.idList() }),
})

const RoomsInput = builder.inputType('SuggestionRoomsInput', {
  fields: (t) => ({
    anyOf: t.idList(),
    capacity: t.int(),
    equipment: t.stringList(),
    floorId: t.id(),
    count: t.int({ description: 'How many at the same time; 1 unless given.' }),
  }),
})

const SuggestionsInput = builder.inputType('SuggestionsInput', {
  fields: (t) => ({
    durationMinutes: t.int({ required: true }),
    window: t.field({ type: WindowInput, required: true }),
    timezone: t.string({
      description: 'The viewer’s own unless given; starts lie on its clock, and a series keeps it.',
    }),
    required: t.idList(),
    optional: t.idList(),
    groups: t.field({ type: [GroupInput] }),
    rooms: t.field({ type: RoomsInput }),
    outsideWorkingHours: t.boolean({ description: 'True: people are asked at any hour.' }),
    granularityMinutes: t.int({ description: '15 unless given.' }),
    limit: t.int({ description: '10 unless given; at most 500.' }),
    recurrencePattern: t.field({ type: RecurrenceInput }),
  }),
})

builder.queryField('suggestions', (t) =>
  t.field({
    type: SuggestionsType,
    nullable: true,
    description:
      'The best slots for these people and rooms, with reasons; where there are none, why, and what would help.',
    args: { input: t.arg({ type: SuggestionsInput, required: true }) },
    resolve: async (_, { input }, { deps, actor }) => {
      const { groups, rooms, ...asked } = withoutNulls(input)
      const more = { ...(groups && { groups: groups.map(withoutNulls) }), ...(rooms && { rooms: withoutNulls(rooms) }) }
      return given(await suggestionsView(deps, actor, parsed(suggestionsBody, { ...asked, ...more })))
    },
  }),
)
