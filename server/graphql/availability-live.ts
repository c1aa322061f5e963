import { z } from 'zod'
import { refuse } from '../../domain/refusals.ts'
import { id, instant } from '../rest/input.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import type { LiveItem } from './deps.ts'
import { LiveInterface } from './live.ts'
import { Refused, given } from './refused.ts'

interface Span {
  start: string
  end: string
}

/** As the socket sends them (realtime/availability/watches.ts). */
interface Entry {
  id: string
  kind: string
  timezone?: string
  busy: (Span & { kind: string })[]
  working: Span[] | null
  sources: { source: string; freshAsOf: string | null }[]
}

interface Start {
  start: string
  free: string[]
  missing: string[]
}

const SpanType = builder.objectRef<Span>('StandingSpan').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
  }),
})

const BusyType = builder.objectRef<Span & { kind: string }>('StandingBusy').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    kind: t.exposeString('kind', { description: 'busy, external, absent, hold, tentative or blocked' }),
  }),
})

const SourceType = builder.objectRef<Entry['sources'][number]>('StandingSource').implement({
  fields: (t) => ({
    source: t.exposeString('source'),
    freshAsOf: t.expose('freshAsOf', { type: 'DateTime', nullable: true, description: 'null: nothing was read yet.' }),
  }),
})

const EntryType = builder.objectRef<Entry>('StandingTime').implement({
  description: 'When one person or room is taken, and by what kind of thing; nothing of what it is.',
  fields: (t) => ({
    id: t.exposeID('id'),
    kind: t.exposeString('kind', { description: 'person or room' }),
    timezone: t.string({ nullable: true, resolve: ({ timezone }) => timezone }),
    busy: t.field({ type: [BusyType], resolve: ({ busy }) => busy }),
    working: t.field({
      type: [SpanType],
      nullable: true,
      description: 'null: a room keeps no hours.',
      resolve: ({ working }) => working,
    }),
    sources: t.field({ type: [SourceType], resolve: ({ sources }) => sources }),
  }),
})

const StartType = builder.objectRef<Start>('StandingStart').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    free: t.exposeIDList('free'),
    missing: t.exposeIDList('missing'),
  }),
})

const AvailabilityNews = builder.objectRef<LiveItem>('AvailabilityNews').implement({
  interfaces: [LiveInterface],
  fields: (t) => ({
    subjects: t.field({
      type: [EntryType],
      description: 'With a snapshot all of them; else those that have changed, whole.',
      resolve: ({ data }) => (data as { subjects: Entry[] }).subjects,
    }),
    starts: t.field({
      type: [StartType],
      nullable: true,
      description: 'All that suit everybody required; null: as before, or not asked for.',
      resolve: ({ data }) => (data as { starts?: Start[] }).starts,
    }),
  }),
})

const SubjectInput = builder.inputType('StandingSubject', {
  isOneOf: true,
  fields: (t) => ({ userId: t.id(), roomId: t.id() }),
})

const WindowInput = builder.inputType('StandingWindow', {
  description: 'At most 35 days.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true }),
    to: t.field({ type: 'DateTime', required: true }),
  }),
})

/** The same as the socket's `availability.watch`. */
const asked = z.strictObject({
  subjects: z
    .array(z.union([z.strictObject({ userId: id }), z.strictObject({ roomId: id })]))
    .min(1)
    .max(250),
  window: z.strictObject({ from: instant, to: instant }),
  granularityMinutes: z.literal([5, 10, 15, 30, 60]).default(15),
  durationMinutes: z.int().min(1).max(20_160).optional(),
  required: z.array(id).max(250).optional(),
})

builder.subscriptionFields((t) => ({
  availabilityChanged: t.field({
    type: AvailabilityNews,
    description:
      'A standing query: a snapshot, then whoever changes. It has no cursor: asked anew it begins with a snapshot.',
    args: {
      subjects: t.arg({ type: [SubjectInput], required: true, description: 'At most 250.' }),
      window: t.arg({ type: WindowInput, required: true }),
      granularityMinutes: t.arg.int({ description: '5, 10, 15, 30 or 60; 15 when absent.' }),
      durationMinutes: t.arg.int({ description: 'Given: starts of such a meeting are told.' }),
      required: t.arg.idList({ description: 'Whom a start must suit; absent: everybody.' }),
    },
    subscribe: async (_, args, { deps, actor, stop }) => {
      const subjects = args.subjects.map(withoutNulls)
      const { window, ...query } = parsed(asked, { ...withoutNulls(args), subjects })
      const standing = deps.standing?.()
      if (standing === undefined) {
        throw new Refused(refuse('unavailable', 'This node has no news. Subscribe over SSE or WebSocket.'))
      }
      const refs = query.subjects.map((one) =>
        'userId' in one ? { id: one.userId, kind: 'person' as const } : { id: one.roomId, kind: 'room' as const },
      )
      const once = [...new Map(refs.map((ref) => [ref.id, ref])).values()]
      const span = { start: window.from, end: window.to }
      return given(await standing(actor, { ...query, subjects: once, window: span }, stop.signal))
    },
    resolve: (item) => item,
  }),
}))
