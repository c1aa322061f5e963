import fc from 'fast-check'
import type { Response } from './model.ts'

export type Scope = 'this' | 'following' | 'all'
export type Kind =
  | Scope
  | 'drop'
  | `drop ${'this' | 'following'}`
  | 'restore'
  | 'restore one'
  | 'answer'
  | 'answer one'
  | 'invite'
  | 'invite one'
export type What = TextEdit | (typeof TIME_EDITS)[number] | (typeof RULE_EDITS)[number]

/** `as read`: everything is sent back. */
export const TEXT_EDITS = ['title', 'description', 'visibility', 'status', 'rooms', 'as read', 'people'] as const
export type TextEdit = (typeof TEXT_EDITS)[number]
const TIME_EDITS = ['start', 'end', 'zone', 'zone and start', 'all day'] as const
const RULE_EDITS = ['rule', 'rule and start', 'dates', 'single'] as const

/** Which meeting and which occurrence are taken modulo what there is. */
export interface Edit {
  kind: Kind
  series: number
  instance: number
  what: What
  /** Minutes; also picks among a few of anything. */
  by: number
  lasts: number
  text: string
  rule: RuleChoice
  /** Of the people. */
  who: number
  response: Exclude<Response, 'needs_action'>
  /** In days after the start, and minutes. */
  exdates: [number, number][]
  rdates: [number, number][]
}

/** Which of the shapes (shapes.ts), how it ends and whether it is made to fit the start. */
export interface RuleChoice {
  shape: number
  interval: number
  isSundayFirst: boolean
  ending: 'count' | 'until' | 'never'
  count: number
}

export const ruleChoice: fc.Arbitrary<RuleChoice> = fc.record({
  shape: fc.nat(99),
  interval: fc.constantFrom(1, 1, 2, 3),
  isSundayFirst: fc.boolean(),
  ending: fc.constantFrom('count', 'count', 'until', 'until', 'never'),
  count: fc.constantFrom(2, 4, 6, 8, 12),
})

const days = (max: number) => fc.tuple(fc.integer({ min: -2, max }), fc.constantFrom(0, 0, 0, 120, -60))

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.oneof(
    ...weighed<Kind>({
      this: 12,
      all: 12,
      following: 10,
      'drop this': 5,
      'restore one': 3,
      'drop following': 2,
      drop: 1,
      restore: 8,
      answer: 3,
      'answer one': 5,
      invite: 1,
      'invite one': 2,
    }),
  ),
  series: fc.nat(9),
  instance: fc.nat(39),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...TEXT_EDITS) },
    { weight: 7, arbitrary: fc.constantFrom('start', ...TIME_EDITS) },
    { weight: 5, arbitrary: fc.constantFrom('rule', 'rule', 'dates', ...RULE_EDITS) },
    { weight: 1, arbitrary: fc.constant('people' as const) },
  ),
  by: fc.constantFrom(-10_080, -1_440, -450, -90, -30, 30, 90, 450, 1_440, 2_880, 10_080),
  lasts: fc.constantFrom(15, 30, 60, 90, 180),
  text: fc.constantFrom('A', 'B', 'C'),
  rule: ruleChoice,
  who: fc.nat(9),
  response: fc.constantFrom('accepted', 'tentative', 'declined'),
  exdates: fc.array(days(14), { maxLength: 3 }),
  rdates: fc.array(days(40), { maxLength: 3 }),
})

export function editLists(length: number): fc.Arbitrary<Edit[]> {
  return fc.array(edit, { minLength: length, maxLength: length })
}

function weighed<T extends string>(weights: Record<T, number>) {
  return Object.entries(weights).map(([value, weight]) => ({
    weight: weight as number,
    arbitrary: fc.constant(value as T),
  }))
}
