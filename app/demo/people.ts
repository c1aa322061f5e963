import type { Role } from '../../domain/identity/actor.ts'
import type { User, Weekday, WorkingHours } from '../../domain/people/user.ts'
import { demoId } from './demo-ids.ts'

export type DemoPerson = Pick<
  User,
  'id' | 'email' | 'firstName' | 'lastName' | 'role' | 'timezone' | 'workingHours'
> & {
  department: Department
}

export type Department = (typeof DEPARTMENTS)[number]

/** Every one has somebody in Berlin and in New York. */
export const DEPARTMENTS = [
  'Management',
  'Engineering',
  'Design',
  'Product',
  'Sales',
  'Marketing',
  'Customer Success',
  'Finance',
  'People',
  'Operations',
] as const

/** The 60 people of the demo organisation, its owner first; the same each time. */
export function demoPeople(): DemoPerson[] {
  const entries = Object.entries(STAFF).flatMap(([timezone, staff]) => staff.map((entry) => ({ timezone, entry })))
  return entries.map(({ timezone, entry: [name, department, role = 'member'] }, n) => {
    const [firstName, lastName] = name.split(' ') as [string, string]
    return {
      id: demoId('person', n),
      email: `${plain(firstName)}.${plain(lastName)}@meridian.example`,
      firstName,
      lastName,
      department,
      role,
      timezone,
      workingHours: weekOf(HOURS[n % HOURS.length]!, n % PART_TIME_EVERY === PART_TIME_EVERY - 1),
    }
  })
}

/** Letters an address may hold: without accents and apostrophes. */
function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
}

const DAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri']

/** One in so many has Fridays off. */
const PART_TIME_EVERY = 11

/** Early birds to late starters; one of them keeps a lunch break free. */
const HOURS: WorkingHours[Weekday][] = [
  [['09:00', '18:00']],
  [['08:30', '17:30']],
  [
    ['08:00', '12:00'],
    ['13:00', '17:00'],
  ],
  [['10:00', '19:00']],
  [['07:00', '16:00']],
  [['09:00', '17:30']],
  [['11:00', '20:00']],
]

function weekOf(hours: WorkingHours[Weekday], isPartTime: boolean): WorkingHours {
  const days = isPartTime ? DAYS.slice(0, -1) : DAYS
  return Object.fromEntries(days.map((day) => [day, hours])) as WorkingHours
}

type Entry = [name: string, department: Department, role?: Role]

const STAFF: Record<string, Entry[]> = {
  'Europe/Berlin': [
    ['Lena Hartmann', 'Management', 'owner'],
    ['Jonas Keller', 'Engineering'],
    ['Mira Vogel', 'Design'],
    ['Tobias Brandt', 'Engineering'],
    ['Sophie Lindner', 'Product'],
    ['Emre Yildiz', 'Engineering'],
    ['Katharina Weiss', 'Finance'],
    ['Felix Baumann', 'Sales'],
    ['Nora Schuster', 'Operations', 'room_manager'],
    ['Paul Reinhardt', 'Engineering'],
    ['Aylin Demir', 'Marketing'],
    ['David Kowalski', 'Customer Success'],
    ['Greta Sommer', 'People'],
    ['Moritz Engel', 'Sales'],
    ['Hannah Beck', 'Design'],
    ['Stefan Albrecht', 'Operations'],
    ['Ines Fuchs', 'Customer Success'],
    ['Luca Moretti', 'Product'],
    ['Clara Winter', 'Marketing'],
    ['Marek Novak', 'Engineering'],
  ],
  'America/New_York': [
    ['Grace Mitchell', 'Management', 'admin'],
    ['Daniel Ortiz', 'Sales'],
    ['Priscilla Wong', 'Product'],
    ['Marcus Reed', 'Operations', 'room_manager'],
    ['Olivia Bennett', 'Marketing'],
    ['Jamal Carter', 'Engineering'],
    ['Rachel Stein', 'Finance'],
    ["Kevin O'Brien", 'Sales'],
    ['Sofia Alvarez', 'Customer Success'],
    ['Ethan Brooks', 'Engineering'],
    ['Naomi Fischer', 'People'],
    ['Andre Williams', 'Operations'],
    ['Julia Romano', 'Design'],
    ['Samuel Park', 'Engineering'],
    ['Tessa Coleman', 'Marketing'],
    ['Victor Huang', 'Engineering'],
    ['Leah Goldberg', 'Sales'],
    ['Connor Walsh', 'Customer Success'],
    ['Maya Robinson', 'Product'],
    ['Isaac Turner', 'Finance'],
  ],
  'Europe/London': [
    ['Amelia Clarke', 'Sales'],
    ['Oliver Shaw', 'Engineering'],
    ['Nadia Rahman', 'People', 'admin'],
    ['Thomas Whitfield', 'Finance', 'auditor'],
    ['Zoe Campbell', 'Customer Success'],
    ['Idris Bello', 'Operations'],
  ],
  'America/Sao_Paulo': [
    ['Ana Silveira', 'Customer Success'],
    ['Tomás Ferreira', 'Engineering'],
    ['Beatriz Rocha', 'Sales'],
    ['Rafael Nogueira', 'Design', 'guest'],
  ],
  'Asia/Kolkata': [
    ['Arjun Mukherjee', 'Engineering'],
    ['Ishita Banerjee', 'Operations'],
    ['Rohan Sen', 'Engineering'],
  ],
  'Asia/Tokyo': [
    ['Haruka Tanaka', 'Sales'],
    ['Kenji Mori', 'Operations'],
    ['Yui Nakamura', 'Customer Success'],
  ],
  'Australia/Sydney': [
    ['Chloe Anderson', 'Customer Success'],
    ['Liam Nguyen', 'Operations'],
    ['Ruby Thompson', 'Sales'],
  ],
  'Australia/Lord_Howe': [['Jack Wilson', 'Design']],
}
