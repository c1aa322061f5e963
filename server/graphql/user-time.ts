import { can } from '../../domain/identity/can.ts'
import { type AbsencesView, absencesView, setAbsences } from '../../domain/people/set-absences.ts'
import { delegatesView, setDelegates } from '../../domain/people/set-delegates.ts'
import { type HolidaysView, setHolidays } from '../../domain/people/holidays.ts'
import type { Holiday } from '../../domain/people/ports.ts'
import { type WorkingTime, setWorkingHours, workingTime } from '../../domain/people/set-working-hours.ts'
import { refuse } from '../../domain/refusals.ts'
import { findHolidays } from '../rest/holidays.ts'
import { id, version } from '../rest/input.ts'
import { absencesBody, calendarName, delegatesBody, holidaysBody, workingHoursBody } from '../rest/time-shapes.ts'
import { findTime, workingHoursCommand } from '../rest/user-time.ts'
import { peopleDeps } from '../rest/users.ts'
import { parsed, parsedIfGiven } from './arguments.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import { UserType } from './people.ts'
import { Refused, found, given } from './refused.ts'

/** What people say of their time, who acts for them, and holiday calendars: as in REST. */

const WorkingHoursType = builder.objectRef<WorkingTime>('WorkingHours').implement({
  description: 'When a person works, in his own zone, and what he asks of meetings.',
  fields: (t) => ({
    timezone: t.exposeString('timezone', { description: 'IANA name.' }),
    weekly: t.field({
      type: 'JSON',
      description: 'Spans of local HH:MM by weekday (mon … sun).',
      resolve: (hours) => hours.weekly,
    }),
    dates: t.field({
      type: 'JSON',
      description: 'Spans instead of the week’s, by day.',
      resolve: (hours) => hours.dates ?? {},
    }),
    bufferBeforeMinutes: t.exposeInt('bufferBeforeMinutes', { nullable: true }),
    bufferAfterMinutes: t.exposeInt('bufferAfterMinutes', { nullable: true }),
    minimumNoticeMinutes: t.exposeInt('minimumNoticeMinutes', { nullable: true }),
    horizonDays: t.exposeInt('horizonDays', { nullable: true }),
    meetingsPerDay: t.exposeInt('meetingsPerDay', { nullable: true }),
    holidays: t.exposeString('holidays', { nullable: true, description: 'Name of the holiday calendar he keeps.' }),
    version: t.exposeInt('version', { description: 'Of the person.' }),
  }),
})

const AbsenceType = builder.objectRef<AbsencesView['items'][number]>('Absence').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    reason: t.exposeString('reason', { nullable: true, description: 'For himself and managers only.' }),
  }),
})

const HolidayType = builder.objectRef<Holiday>('Holiday').implement({
  fields: (t) => ({ date: t.exposeString('date', { description: 'YYYY-MM-DD' }), name: t.exposeString('name') }),
})

const HolidaysType = builder.objectRef<HolidaysView>('HolidayCalendar').implement({
  fields: (t) => ({
    calendar: t.exposeString('calendar'),
    items: t.expose('items', { type: [HolidayType] }),
    version: t.exposeInt('version'),
  }),
})

builder.queryFields((t) => ({
  workingHours: t.field({
    type: WorkingHoursType,
    nullable: true,
    args: { userId: t.arg.id({ required: true }) },
    resolve: async (_, { userId }, { deps, actor }) => {
      const { user, rules } = given(await findTime(deps, actor, parsed(id, userId), 'read'))
      return workingTime(user, rules)
    },
  }),
  absences: t.field({
    type: [AbsenceType],
    nullable: true,
    description: 'When a person is away; why, for himself and managers only.',
    args: { userId: t.arg.id({ required: true }) },
    resolve: async (_, { userId }, { deps, actor }) => {
      const { user, absences } = given(await findTime(deps, actor, parsed(id, userId), 'read'))
      return absencesView(actor, user, absences).items
    },
  }),
  delegates: t.field({
    type: [UserType],
    nullable: true,
    description: 'Who may act in this person’s name: for himself and managers.',
    args: { userId: t.arg.id({ required: true }) },
    resolve: async (_, { userId }, { deps, actor, load }) => {
      const { user, delegateIds } = given(await findTime(deps, actor, parsed(id, userId), 'read_content'))
      const people = await Promise.all(
        delegatesView(user, delegateIds).items.map((item) => load.user.load(item.userId)),
      )
      return people.filter((person) => person !== null)
    },
  }),
  holidays: t.field({
    type: HolidaysType,
    nullable: true,
    args: { calendar: t.arg.string({ required: true }) },
    resolve: (_, { calendar }, { deps, actor }) =>
      found(findHolidays(deps, actor, parsed(calendarName, calendar)).then((view) => view ?? null)),
  }),
}))

const WorkingHoursInput = builder.inputType('WorkingHoursInput', {
  description: 'What is absent stays; null takes a rule away.',
  fields: (t) => ({
    timezone: t.string(),
    weekly: t.field({ type: 'JSON' }),
    dates: t.field({ type: 'JSON' }),
    bufferBeforeMinutes: t.int(),
    bufferAfterMinutes: t.int(),
    minimumNoticeMinutes: t.int(),
    horizonDays: t.int(),
    meetingsPerDay: t.int(),
    holidays: t.string(),
  }),
})
const AbsenceInput = builder.inputType('AbsenceInput', {
  fields: (t) => ({
    start: t.field({ type: 'DateTime', required: true }),
    end: t.field({ type: 'DateTime', required: true }),
    reason: t.string(),
  }),
})
const HolidayInput = builder.inputType('HolidayInput', {
  fields: (t) => ({ date: t.string({ required: true }), name: t.string({ required: true }) }),
})

builder.mutationFields((t) => {
  const ofPerson = {
    userId: t.arg.id({ required: true }),
    version: t.arg.int({ required: true, description: 'The version of the person that you have read.' }),
  }
  return {
    setWorkingHours: t.field({
      type: WorkingHoursType,
      nullable: true,
      args: { ...ofPerson, input: t.arg({ type: WorkingHoursInput, required: true }) },
      resolve: async (_, args, context, info) => {
        const body = parsed(workingHoursBody, { ...args.input, version: parsed(version, args.version) })
        const cmd = workingHoursCommand(parsed(id, args.userId), body, undefined)
        return given(await setWorkingHours(peopleDeps(context.deps), actorOf(context, args, info), cmd))
      },
    }),
    setAbsences: t.field({
      type: [AbsenceType],
      nullable: true,
      args: { ...ofPerson, items: t.arg({ type: [AbsenceInput], required: true }) },
      resolve: async (_, args, context, info) => {
        const items = args.items.map(({ reason, ...span }) => (reason === null ? span : { ...span, reason }))
        const { items: absences } = parsed(absencesBody, { items })
        const cmd = { ...personOf(args), items: absences }
        return given(await setAbsences(peopleDeps(context.deps), actorOf(context, args, info), cmd)).items
      },
    }),
    setDelegates: t.field({
      type: [UserType],
      nullable: true,
      description: 'Says who may act in one’s own name.',
      args: { ...ofPerson, delegateIds: t.arg.idList({ required: true }) },
      resolve: async (_, args, context, info) => {
        const { items } = parsed(delegatesBody, { items: args.delegateIds.map((userId) => ({ userId })) })
        const cmd = { ...personOf(args), delegateIds: items.map((item) => item.userId) }
        const view = given(await setDelegates(peopleDeps(context.deps), actorOf(context, args, info), cmd))
        const people = await Promise.all(view.items.map((item) => context.load.user.load(item.userId)))
        return people.filter((person) => person !== null)
      },
    }),
    setHolidays: t.field({
      type: HolidaysType,
      nullable: true,
      description: 'Writes a holiday calendar, new or not: all its days; none takes it away.',
      args: {
        calendar: t.arg.string({ required: true }),
        version: t.arg.int({ description: 'The version you have read, if that matters.' }),
        items: t.arg({ type: [HolidayInput], required: true }),
      },
      resolve: async (_, args, context, info) => {
        if (!can(context.actor, 'update', { kind: 'holidays' })) throw new Refused(refuse('forbidden'))
        const { items } = parsed(holidaysBody, { items: args.items })
        const seen = { ifVersion: undefined, version: parsedIfGiven(version, args.version) }
        const cmd = { calendar: parsed(calendarName, args.calendar), seen, items }
        return given(await setHolidays(peopleDeps(context.deps), actorOf(context, args, info), cmd))
      },
    }),
  }
})

function personOf(args: { userId: string | number; version: number }) {
  return { userId: parsed(id, args.userId), seen: { ifVersion: undefined, version: parsed(version, args.version) } }
}
