import type { Department } from './people.ts'

/**
 * A sort of meeting. In titles `{project}`, `{customer}`, `{role}` are drawn, `{team}` is the organizer's department, `{me}`
 * and `{you}` are the first names of the organizer and of the first other.
 */
export interface MeetingKind {
  /** How often it occurs beside the others. */
  weight: number
  /** Who calls such meetings; absent: anybody. */
  departments?: readonly Department[]
  /** Whom the organizer would rather have there. */
  circle: 'department' | 'everybody'
  /** How many beside the organizer. */
  others: readonly [least: number, most: number]
  minutes: readonly number[]
  titles: readonly string[]
  descriptions?: readonly string[]
  /** How likely outsiders may not read it. */
  privacy?: number
}

export interface SeriesKind extends MeetingKind {
  rhythms: readonly Rhythm[]
}

export type Rhythm = 'weekly' | 'until' | 'biweekly' | 'workdays' | 'monthly'

export const WORDS = {
  project: ['Atlas', 'Beacon', 'Cobalt', 'Delta', 'Harbour', 'Juniper', 'Keystone', 'Lantern', 'Northstar', 'Orchard'],
  customer: [
    'Alder Insurance',
    'Brightwater Energy',
    'Castell Foods',
    'Fairmont Logistics',
    'Granite Bank',
    'Kestrel Air',
    'Larkfield Schools',
    'Mistral Travel',
    'Orrin Health',
    'Tidewater Port',
  ],
  role: ['data analyst', 'account manager', 'backend engineer', 'product designer', 'support lead', 'controller'],
} as const

export const SINGLE_KINDS: readonly MeetingKind[] = [
  {
    weight: 24,
    circle: 'department',
    others: [1, 4],
    minutes: [30, 30, 45, 60],
    titles: [
      '{team} planning',
      '{team} priorities',
      '{team} retrospective',
      '{team}: open questions',
      'Backlog review',
    ],
    descriptions: [
      'Agenda: what is done, what is next, what is in the way.',
      'Please bring your numbers for the week.',
    ],
  },
  {
    weight: 26,
    circle: 'everybody',
    others: [1, 4],
    minutes: [45, 60, 60, 90],
    titles: [
      '{project} kick-off',
      '{project} design review',
      '{project} status',
      '{project} risks and next steps',
      '{project} release planning',
      '{project} handover',
    ],
    descriptions: ['Scope, dates and who does what.', 'Walk through the open points; decisions go into the notes.'],
  },
  {
    weight: 16,
    departments: ['Sales', 'Customer Success', 'Management', 'Marketing'],
    circle: 'everybody',
    others: [1, 3],
    minutes: [30, 30, 45, 60],
    titles: [
      'Call with {customer}',
      '{customer}: contract renewal',
      '{customer}: onboarding',
      '{customer}: quarterly review',
      'Prepare offer for {customer}',
    ],
    descriptions: ['Their side joins by video. Offer and figures are in the customer folder.'],
  },
  {
    weight: 14,
    circle: 'department',
    others: [1, 1],
    minutes: [15, 30, 30, 45],
    titles: ['{me} and {you}: catch-up', '{me} / {you} working session', 'Questions on {project}'],
    privacy: 0.1,
  },
  {
    weight: 7,
    departments: ['People', 'Engineering', 'Design', 'Sales', 'Operations', 'Finance'],
    circle: 'department',
    others: [1, 2],
    minutes: [45, 60],
    titles: ['Interview: {role}', 'Interview debrief: {role}'],
    privacy: 0.7,
  },
  {
    weight: 7,
    circle: 'everybody',
    others: [4, 11],
    minutes: [90, 120, 120],
    titles: ['{project} workshop', 'Customer journey workshop', 'Quarter planning workshop', 'Process mapping'],
    descriptions: ['First where we are, then where we want to be. Please read the brief before.'],
  },
  {
    weight: 6,
    departments: ['Finance', 'Management', 'People', 'Operations'],
    circle: 'everybody',
    others: [1, 3],
    minutes: [30, 45, 60],
    titles: ['Budget review', 'Headcount planning', 'Supplier review', 'Month-end close', 'Salary review'],
    privacy: 0.4,
  },
  {
    weight: 5,
    circle: 'everybody',
    others: [5, 11],
    minutes: [30, 60],
    titles: [
      '{project} demo',
      'Talk: what we learned from {project}',
      'Training: information security',
      'Training: new expenses tool',
    ],
    descriptions: ['Open to everybody who is interested. A recording follows.'],
  },
]

export const SERIES_KINDS: readonly SeriesKind[] = [
  {
    weight: 45,
    circle: 'department',
    others: [1, 1],
    minutes: [30, 30, 45],
    titles: ['1:1 {me} and {you}'],
    privacy: 0.15,
    rhythms: ['weekly', 'weekly', 'biweekly', 'biweekly', 'until'],
  },
  {
    weight: 22,
    circle: 'department',
    others: [2, 5],
    minutes: [30, 45, 60],
    titles: ['{team} weekly', '{team} review', '{team} sync', 'Weekly {team} planning'],
    descriptions: ['Round of news, then the two most important topics.'],
    rhythms: ['weekly', 'weekly', 'until', 'biweekly'],
  },
  {
    weight: 22,
    circle: 'everybody',
    others: [2, 5],
    minutes: [30, 45, 60],
    titles: ['{project} sync', '{project} steering group', '{project} weekly status'],
    descriptions: ['Status, risks, decisions.'],
    rhythms: ['weekly', 'biweekly', 'until'],
  },
  {
    weight: 5,
    departments: ['Sales', 'Customer Success'],
    circle: 'department',
    others: [1, 3],
    minutes: [30, 60],
    titles: ['{customer}: regular call', 'Weekly sales review', 'Open tickets: {customer}'],
    rhythms: ['weekly', 'biweekly', 'monthly'],
  },
  {
    weight: 6,
    departments: ['Management', 'Finance', 'Product', 'People'],
    circle: 'everybody',
    others: [3, 8],
    minutes: [60, 90],
    titles: ['Monthly results', 'Roadmap board', 'Hiring board', 'Risk committee'],
    privacy: 0.3,
    rhythms: ['monthly'],
  },
]
