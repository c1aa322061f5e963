import type { Role } from '../../domain/identity/actor.ts'
import type { User, Weekday, WorkingHours } from '../../domain/people/user.ts'
import { demoId } from './demo-ids.ts'

export type DemoPerson = Pick<User, 'id' | 'email' | 'firstName' | 'lastName' | 'role' | 'timezone' | 'workingHours'> & {
  department: Department
}

export type Department = keyof typeof DEPARTMENT_NAMES

const DEPARTMENT_NAMES = {
  man: 'Management',
  eng: 'Engineering',
  des: 'Design',
  pro: 'Product',
  sal: 'Sales',
  mar: 'Marketing',
  cus: 'Customer Success',
  fin: 'Finance',
  peo: 'People',
  ops: 'Operations',
} as const

/** The department as people write it. */
export function departmentName(department: Department): string {
  return DEPARTMENT_NAMES[department]
}

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
const HOURS: WorkingHours[string & Weekday][] = [
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
    ['Lena Hartmann', 'man', 'owner'],
    ['Jonas Keller', 'eng'],
    ['Mira Vogel', 'des'],
    ['Tobias Brandt', 'eng'],
    ['Sophie Lindner', 'pro'],
    ['Emre Yildiz', 'eng'],
    ['Katharina Weiss', 'fin'],
    ['Felix Baumann', 'sal'],
    ['Nora Schuster', 'ops', 'room_manager'],
    ['Paul Reinhardt', 'eng'],
    ['Aylin Demir', 'mar'],
    ['David Kowalski', 'cus'],
    ['Greta Sommer', 'peo'],
    ['Moritz Engel', 'sal'],
    ['Hannah Beck', 'des'],
    ['Stefan Albrecht', 'ops'],
    ['Ines Fuchs', 'cus'],
    ['Luca Moretti', 'pro'],
    ['Clara Winter', 'mar'],
    ['Marek Novak', 'eng'],
  ],
  'America/New_York': [
    ['Grace Mitchell', 'man', 'admin'],
    ['Daniel Ortiz', 'sal'],
    ['Priscilla Wong', 'pro'],
    ['Marcus Reed', 'ops', 'room_manager'],
    ['Olivia Bennett', 'mar'],
    ['Jamal Carter', 'eng'],
    ['Rachel Stein', 'fin'],
    ["Kevin O'Brien", 'sal'],
    ['Sofia Alvarez', 'cus'],
    ['Ethan Brooks', 'eng'],
    ['Naomi Fischer', 'peo'],
    ['Andre Williams', 'ops'],
    ['Julia Romano', 'des'],
    ['Samuel Park', 'eng'],
    ['Tessa Coleman', 'mar'],
    ['Victor Huang', 'eng'],
    ['Leah Goldberg', 'sal'],
    ['Connor Walsh', 'cus'],
    ['Maya Robinson', 'pro'],
    ['Isaac Turner', 'fin'],
  ],
  'Europe/London': [
    ['Amelia Clarke', 'sal'],
    ['Oliver Shaw', 'eng'],
    ['Nadia Rahman', 'peo', 'admin'],
    ['Thomas Whitfield', 'fin', 'auditor'],
    ['Zoe Campbell', 'cus'],
    ['Idris Bello', 'ops'],
  ],
  'America/Sao_Paulo': [
    ['Ana Silveira', 'cus'],
    ['Tomás Ferreira', 'eng'],
    ['Beatriz Rocha', 'sal'],
    ['Rafael Nogueira', 'des', 'guest'],
  ],
  'Asia/Kolkata': [
    ['Arjun Mukherjee', 'eng'],
    ['Ishita Banerjee', 'ops'],
    ['Rohan Sen', 'eng'],
  ],
  'Asia/Tokyo': [
    ['Haruka Tanaka', 'sal'],
    ['Kenji Mori', 'ops'],
    ['Yui Nakamura', 'cus'],
  ],
  'Australia/Sydney': [
    ['Chloe Anderson', 'cus'],
    ['Liam Nguyen', 'ops'],
    ['Ruby Thompson', 'sal'],
  ],
  'Australia/Lord_Howe': [['Jack Wilson', 'des']],
}
