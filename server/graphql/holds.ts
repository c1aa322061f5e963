import { z } from 'zod'
import { ownHolds } from '../../db/holds/queries.ts'
import { readOnly } from '../../db/transaction.ts'
import { convertHold } from '../../domain/holds/convert-hold.ts'
import type { HoldView, OwnHoldView } from '../../domain/holds/hold.ts'
import { releaseHold, renewHold } from '../../domain/holds/own-hold.ts'
import { placeHold } from '../../domain/holds/place-hold.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import { holdsDeps, placeBody, renewBody } from '../rest/holds.ts'
import { id, instant } from '../rest/input.ts'
import { heldBookBody } from '../rest/meeting-shapes.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import type { LiveItem } from './deps.ts'
import { CursorInput, LiveInterface, followAll } from './live.ts'
import { BookResult, ParticipantInput, bookResultOf } from './meeting-commands.ts'
import { StatusEnum, VisibilityEnum } from './meetings.ts'
import { given } from './refused.ts'

const HoldInterface = builder.interfaceRef<HoldView>('Held').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    resourceIds: t.exposeIDList('resourceIds', { description: 'Rooms, and people where the viewer may know of them.' }),
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
})

const HoldType = builder.objectRef<HoldView>('Hold').implement({
  description: 'A claim of a slot for minutes. Nobody is told whose it is.',
  interfaces: [HoldInterface],
})

const OwnHoldType = builder.objectRef<OwnHoldView>('OwnHold').implement({
  interfaces: [HoldInterface],
  fields: (t) => ({ renewalsLeft: t.exposeInt('renewalsLeft') }),
})

interface Window {
  from: number
  to: number
}

/** An item of the log, and what of it lies in the window that was asked for. */
interface HoldItem extends LiveItem {
  window: Window
}

const HoldNews = builder.objectRef<HoldItem>('HoldNews').implement({
  interfaces: [LiveInterface],
  fields: (t) => ({
    resourceId: t.id({ description: 'A room, a person or a floor.', resolve: idOf }),
    holds: t.field({
      type: [HoldType],
      description: 'With a snapshot all that overlap the window; else the one that was placed, renewed or changed.',
      resolve: ({ type, data, window }) => {
        const held = type === 'snapshot' ? (data as { holds: HoldView[] }).holds : [data as HoldView]
        return isStanding(type) ? held.filter((hold) => overlapsWindow(hold, window)) : []
      },
    }),
    ended: t.id({
      nullable: true,
      description: 'The hold that is gone: released, converted or expired, as `type` says.',
      resolve: ({ type, data }) => (isStanding(type) ? null : (data as HoldView).id),
    }),
  }),
})

const WindowInput = builder.inputType('HoldsWindow', {
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true }),
    to: t.field({ type: 'DateTime', required: true }),
  }),
})

/** What a page shows side by side. */
const resourceIds = z.array(id).min(1).max(100)
const windowShape = z.strictObject({ from: instant, to: instant }).refine(({ from, to }) => to > from, {
  message: 'must be after from',
  path: ['to'],
  params: { code: 'invalid_time' },
})

builder.subscriptionFields((t) => ({
  holds: t.field({
    type: HoldNews,
    description: 'One stream for up to 100 rooms, people and floors. Each cursor names its topic, `holds:<id>`.',
    args: {
      resourceIds: t.arg.idList({ required: true }),
      window: t.arg({ type: WindowInput, required: true }),
      after: t.arg({ type: [CursorInput] }),
    },
    subscribe: (_, args, context) => {
      parsed(windowShape, args.window)
      const topics = [...new Set(parsed(resourceIds, args.resourceIds))].map((one) => `holds:${one}`)
      return followAll(context, topics, args.after) as Promise<AsyncIterable<HoldItem>>
    },
    resolve: (item, args) => ({ ...item, window: parsed(windowShape, args.window) }),
  }),
}))

builder.queryFields((t) => ({
  ownHolds: t.field({
    type: [OwnHoldType],
    nullable: true,
    description: 'The first to end first.',
    resolve: (_, __, { deps, actor }) =>
      readOnly(deps.pool, actor.organizationId, (tx) => ownHolds(tx, actor, deps.now())),
  }),
}))

const PlaceHoldInput = builder.inputType('PlaceHoldInput', {
  fields: (t) => ({
    resourceIds: t.idList({ required: true, description: 'Rooms and people.' }),
    start: t.field({ type: 'DateTime', required: true }),
    end: t.field({ type: 'DateTime', required: true }),
    ttlSeconds: t.int({ description: 'At most 600; 300 when absent.' }),
    replaces: t.id({ description: 'A hold of one’s own that is given back for it.' }),
  }),
})

const ConvertHoldInput = builder.inputType('ConvertHoldInput', {
  fields: (t) => ({
    title: t.string({ required: true }),
    description: t.string(),
    timezone: t.string({ required: true, description: 'IANA name.' }),
    participants: t.field({ type: [ParticipantInput], description: 'Beside the people that are held.' }),
    status: t.field({ type: StatusEnum, description: 'tentative or confirmed' }),
    visibility: t.field({ type: VisibilityEnum }),
    metadata: t.field({ type: 'JSON' }),
  }),
})

builder.mutationFields((t) => ({
  placeHold: t.field({
    type: OwnHoldType,
    nullable: true,
    args: { input: t.arg({ type: PlaceHoldInput, required: true }) },
    resolve: async (_, args, context, info) => {
      const cmd = parsed(placeBody, withoutNulls(args.input))
      return given(await placeHold(holdsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
  renewHold: t.field({
    type: OwnHoldType,
    nullable: true,
    description: 'At most twice.',
    args: { id: t.arg.id({ required: true }), ttlSeconds: t.arg.int() },
    resolve: async (_, args, context, info) => {
      const { id: holdId, ...rest } = withoutNulls(args)
      const cmd = { holdId: parsed(id, holdId), ...parsed(renewBody, rest) }
      return given(await renewHold(holdsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
  releaseHold: t.field({
    type: 'ID',
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_, args, context, info) => {
      const holdId = parsed(id, args.id)
      given(await releaseHold(holdsDeps(context.deps), actorOf(context, args, info), { holdId }))
      return holdId
    },
  }),
  convertHold: t.field({
    type: BookResult,
    nullable: true,
    description: 'Books what is held. Refused, the hold stays as it is.',
    args: { id: t.arg.id({ required: true }), input: t.arg({ type: ConvertHoldInput, required: true }) },
    resolve: async (_, args, context, info) => {
      const cmd = { ...parsed(heldBookBody, withoutNulls(args.input)), holdId: parsed(id, args.id) }
      return bookResultOf(await convertHold(holdsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
}))

function idOf({ topic }: LiveItem): string {
  return topic.slice(topic.indexOf(':') + 1)
}

function isStanding(type: string): boolean {
  return type === 'snapshot' || type === 'hold.placed' || type === 'hold.renewed' || type === 'hold.changed'
}

function overlapsWindow({ start, end }: HoldView, { from, to }: Window): boolean {
  return (parseInstant(start) ?? NaN) < to && from < (parseInstant(end) ?? NaN)
}
