import { type Actor } from '../../domain/identity/actor.ts'
import { refuse } from '../../domain/refusals.ts'
import type { AgendaEntry } from '../../domain/meetings/meeting-news.ts'
import type { MeetingView } from '../../domain/meetings/meeting-view.ts'
import { id } from '../rest/input.ts'
import { parsed } from './arguments.ts'
import { builder } from './builder.ts'
import type { Cursor, FollowTopic, LiveItem } from './deps.ts'
import type { GraphContext } from './graph-context.ts'
import { AgendaEntryType } from './meeting-queries.ts'
import { MeetingType } from './meetings.ts'
import { merge } from './merge.ts'
import { Refused, given } from './refused.ts'

/** Everything a subscription says: where it stands in its topic, and what happened. */
export const LiveInterface = builder.interfaceRef<LiveItem>('LiveItem').implement({
  fields: (t) => ({
    topic: t.exposeString('topic'),
    epoch: t.exposeInt('epoch'),
    seq: t.exposeInt('seq', { description: 'Consecutive per topic, save for a snapshot, which moves the cursor.' }),
    type: t.exposeString('type', { description: 'An event type, or `snapshot`.' }),
    at: t.expose('at', { type: 'DateTime' }),
    data: t.field({ type: 'JSON', description: 'The same as on the socket.', resolve: (item) => item.data }),
  }),
})

export const CursorInput = builder.inputType('CursorInput', {
  description: 'The last item that was seen. With several topics each cursor names its own.',
  fields: (t) => ({
    epoch: t.int({ required: true }),
    seq: t.int({ required: true }),
    topic: t.string(),
  }),
})

const MeetingNews = builder.objectRef<LiveItem>('MeetingNews').implement({
  interfaces: [LiveInterface],
  fields: (t) => ({
    meeting: t.field({
      type: MeetingType,
      nullable: true,
      description: 'As it is after the event.',
      resolve: ({ data }) => (isMeeting(data) ? data : null),
    }),
  }),
})

const AgendaNews = builder.objectRef<LiveItem>('AgendaNews').implement({
  interfaces: [LiveInterface],
  fields: (t) => ({
    meetingId: t.id({ nullable: true, resolve: ({ data }) => (data as { meetingId?: string }).meetingId }),
    entries: t.field({
      type: [AgendaEntryType],
      nullable: true,
      description: 'With a snapshot the whole agenda; else all entries of that meeting, replacing those before.',
      resolve: ({ data }) => (data as { entries?: AgendaEntry[] }).entries,
    }),
  }),
})

builder.subscriptionFields((t) => ({
  meetingChanged: t.field({
    type: MeetingNews,
    args: { id: t.arg.id({ required: true }), after: t.arg({ type: CursorInput }) },
    subscribe: (_, args, context) => follow(context, `meeting:${parsed(id, args.id)}`, args.after),
    resolve: (item) => item,
  }),
  agendaChanged: t.field({
    type: AgendaNews,
    description: 'One’s own agenda of seven days.',
    args: { userId: t.arg.id({ required: true }), after: t.arg({ type: CursorInput }) },
    subscribe: (_, args, context) => follow(context, `person:${parsed(id, args.userId)}`, args.after),
    resolve: (item) => item,
  }),
}))

type After = { epoch: number; seq: number } | null | undefined

/** News of one topic, from `after` on or from a snapshot. Refuses like the socket's `topic.watch`. */
export async function follow(context: GraphContext, topic: string, after: After): Promise<AsyncIterable<LiveItem>> {
  const { actor, stop } = context
  return openTopic(followOf(context), actor, { topic, after: cursorOf(after), signal: stop.signal })
}

/** Several topics as one stream, in the order of arrival. Cursors name their topic; a single one without a name is the first topic's. */
export async function followAll(
  context: GraphContext,
  topics: readonly string[],
  after: readonly { epoch: number; seq: number; topic?: string | null | undefined }[] | null | undefined,
): Promise<AsyncIterable<LiveItem>> {
  const { actor, stop } = context
  const follow = followOf(context)
  const opened: AsyncIterableIterator<LiveItem>[] = []
  try {
    for (const topic of topics) {
      const cursor = after?.find((one) => (one.topic ?? topics[0]) === topic)
      opened.push(await openTopic(follow, actor, { topic, after: cursorOf(cursor), signal: stop.signal }))
    }
  } catch (error) {
    // Not waited for: they end by their signal.
    for (const one of opened) void one.return?.()
    throw error
  }
  return merge(opened)
}

function followOf({ deps }: GraphContext): FollowTopic {
  const follow = deps.follow()
  if (follow !== undefined) return follow
  throw new Refused(refuse('unavailable', 'This node has no news. Subscribe over SSE or WebSocket.'))
}

async function openTopic(follow: FollowTopic, actor: Actor, watch: Parameters<FollowTopic>[1]) {
  return given(await follow(actor, watch))
}

function cursorOf(after: After): Cursor | undefined {
  return after === null || after === undefined ? undefined : { epoch: after.epoch, seq: after.seq }
}

function isMeeting(data: unknown): data is MeetingView {
  return typeof (data as Partial<MeetingView>).startTime === 'string'
}
